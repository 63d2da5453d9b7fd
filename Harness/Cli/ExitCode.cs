using HvLab.Harness.Lab;
using HvLab.Harness.Lab.Results;
using HvLab.Harness.Reports.Json;

namespace HvLab.Harness.Cli;

/// <summary>What the shell, CI and 'git bisect run' see.</summary>
public static class ExitCode
{
    /// <summary>Everything that ran succeeded, or failed as lab-config says it does.</summary>
    public const int Success = 0;
    /// <summary>The hypervisor diverged, crashed or hung.</summary>
    public const int Failure = 1;
    /// <summary>Bad usage or configuration.</summary>
    public const int Usage = 2;
    /// <summary>The lab could not tell; 'git bisect run' skips such a commit.</summary>
    public const int Unknown = 125;
    /// <summary>Ended by Ctrl-C or SIGTERM, cleaned up.</summary>
    public const int Interrupted = 130;

    /// <summary>
    /// A Failure outweighs everything: it was seen, whatever else went wrong. After that, anything that leaves a planned
    /// scenario without an answer is Unknown, and so is a run that executed nothing: silence is no proof.
    /// </summary>
    public static int Of(RunResult run)
    {
        ArgumentNullException.ThrowIfNull(run);
        if (run.Scenarios.Any(scenario => scenario is { Verdict: Verdict.Failure, KnownDeviation: null }))
            return Failure;
        var answered = run.Trouble is null && run.Scenarios.Count >= run.Planned
            && run.Scenarios.All(scenario => scenario.Verdict is not Verdict.Error);
        return answered && Executed(run) > 0 ? Success : Unknown;
    }

    /// <summary>
    /// Success proves that the harness tells bugs from none: every mutant was found, and the control was not. One that was
    /// missed (or a control that failed) outweighs what the lab could not tell.
    /// </summary>
    public static int Of(MutantOutcomes table)
    {
        ArgumentNullException.ThrowIfNull(table);
        var asTheyShould = table.Mutants.Select(outcome => outcome.Found is { } found ? found != outcome.IsControl : (bool?)null).ToArray();
        return asTheyShould.Contains(false) ? Failure : asTheyShould.Contains(null) || asTheyShould.Length < 2 ? Unknown : Success;
    }

    /// <summary>
    /// What was seen again, or brought the host down, outweighs everything. What came once and never again, trouble of the lab,
    /// and a campaign without a plan leave it open.
    /// </summary>
    public static int Of(FuzzDocument campaign)
    {
        ArgumentNullException.ThrowIfNull(campaign);
        if (campaign.Findings.Any(finding => finding.IsOfTheHypervisor && finding.Times > 0))
            return Failure;
        return campaign.Findings.Count > 0 || campaign.Trouble is not null || campaign.Plans == 0 ? Unknown : Success;
    }

    /// <summary>How many scenarios ran on the hypervisor to a verdict about it.</summary>
    public static int Executed(RunResult run)
    {
        ArgumentNullException.ThrowIfNull(run);
        return run.Scenarios.Count(scenario => scenario.Verdict is Verdict.Success or Verdict.Failure);
    }

    public static int Of(LabException trouble)
    {
        ArgumentNullException.ThrowIfNull(trouble);
        return trouble.Reason is LabFault.Configuration ? Usage : Unknown;
    }
}
