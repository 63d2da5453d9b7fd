using HvLab.Harness.Lab.Results;

namespace HvLab.Harness.Scheduling.Mutants;

/// <summary>What a run says of the KVM it ran on: found, not found, or nothing.</summary>
/// <param name="Found">True for an unexpected Failure; false where every scenario was answered without one; else null.</param>
/// <param name="By">The first unexpected Failure; null for none.</param>
/// <param name="Why">Where the run could not tell: the reason. Untrusted.</param>
internal sealed record MutantJudgement(bool? Found, ScenarioResult? By, string? Why)
{
    public static MutantJudgement Of(RunResult run)
    {
        if (run.Scenarios.FirstOrDefault(NextSteps.IsUnexpected) is { } finder)
            return new(true, finder, null);
        // Only a run without a gap may say that there is nothing.
        if (run.Trouble is { } trouble)
            return new(null, null, trouble);
        if (run.Scenarios.FirstOrDefault(result => result.Verdict is Verdict.Error) is { } error)
            return new(null, null, $"{error.Id}: {error.Detail}");
        if (run.Scenarios.Count < run.Planned)
            return new(null, null, $"Only {run.Scenarios.Count} of {run.Planned} scenarios were answered.");
        if (run.Scenarios.FirstOrDefault(result => result.Verdict is Verdict.Skip) is { } skipped)
            return new(null, null, $"{skipped.Id} was skipped: {skipped.Detail}");
        return run.Scenarios.Count == 0 ? new(null, null, "No scenario was run.") : new(false, null, null);
    }
}
