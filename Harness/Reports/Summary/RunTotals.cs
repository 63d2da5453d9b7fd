using HvLab.Harness.Lab.Results;

namespace HvLab.Harness.Reports.Summary;

/// <summary>How many scenarios ended how. A known deviation counts in <paramref name="Known"/>, not in <paramref name="Failure"/>.</summary>
/// <param name="Gone">Successes for which lab-config still lists a known deviation; part of <paramref name="Success"/>.</param>
/// <param name="Missing">Planned scenarios without a result: the run was cut short or still goes on.</param>
public sealed record RunTotals(int Success, int Skip, int Error, int Failure, int Known, int Gone, int Missing)
{
    public int All => Success + Skip + Error + Failure + Known;

    /// <summary>Scenarios that tell something about the hypervisor.</summary>
    public int Executed => Success + Failure + Known;

    public static RunTotals Of(RunResult run)
    {
        ArgumentNullException.ThrowIfNull(run);
        return Of(run.Scenarios, run.Planned);
    }

    internal static RunTotals Of(IReadOnlyCollection<ScenarioResult> scenarios, int planned) => new(
        scenarios.Count(s => s.Outcome() == Outcome.Success),
        scenarios.Count(s => s.Outcome() == Outcome.Skip),
        scenarios.Count(s => s.Outcome() == Outcome.Error),
        scenarios.Count(s => s.Outcome() == Outcome.Failure),
        scenarios.Count(s => s.Outcome() == Outcome.Known),
        scenarios.Count(s => s.DeviationGone),
        Math.Max(0, planned - scenarios.Count));
}
