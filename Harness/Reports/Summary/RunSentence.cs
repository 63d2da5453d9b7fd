using HvLab.Harness.Lab.Results;

namespace HvLab.Harness.Reports.Summary;

/// <summary>The overall verdict of a run in one sentence.</summary>
/// <param name="Worst">What the sentence is about: the outcome a reader should act on first.</param>
public sealed record RunSentence(Outcome Worst, string Text)
{
    public static RunSentence Of(RunResult run)
    {
        ArgumentNullException.ThrowIfNull(run);
        var totals = RunTotals.Of(run);
        var rest = Rest(totals, run);
        if (totals.Failure > 0)
            return new(Outcome.Failure, totals.All == 1
                ? $"The scenario failed: the hypervisor did what no state of the model allows{rest}."
                : $"{totals.Failure} of {totals.All} scenarios failed: the hypervisor did what no state of the model allows{rest}.");
        if (run.Trouble is not null)
            return new(Outcome.Error, $"The lab could not finish the run: {Progress(totals, run)}.");
        if (totals.Error > 0)
            return new(Outcome.Error, $"The lab could not tell for {Count(totals.Error, "scenario")} of {totals.All}{rest}.");
        if (run.Finished is null)
            return new(Outcome.Error, $"The run is not finished: {totals.All} of {run.Planned} scenarios have a verdict so far, none of them a failure.");
        if (totals.Missing > 0)
            return new(Outcome.Error, $"{Count(totals.Missing, "planned scenario")} of {run.Planned} got no verdict{rest}.");
        if (totals.Executed == 0)
            return new(Outcome.Error, totals.Skip > 0
                ? $"Nothing was tested: all {totals.Skip} scenarios were skipped."
                : "Nothing was tested: no scenario was selected.");
        return totals.Known > 0
            ? new(Outcome.Known, $"{totals.Success} of {totals.All} scenarios succeeded, and {Count(totals.Known, "known deviation")} behaved as expected{Skipped(totals)}.")
            : new(Outcome.Success, totals.Skip > 0
                ? $"{totals.Success} of {totals.All} scenarios succeeded{Skipped(totals)}."
                : totals.All == 1 ? "The scenario succeeded." : $"All {totals.All} scenarios succeeded.");
    }

    private static string Progress(RunTotals totals, RunResult run) =>
        $"{totals.All} of {run.Planned} scenarios have a verdict, none of them a failure";

    private static string Rest(RunTotals totals, RunResult run)
    {
        var parts = new List<string>();
        if (totals.Known > 0)
            parts.Add(Count(totals.Known, "known deviation"));
        if (totals.Failure > 0 && totals.Error > 0)
            parts.Add(Count(totals.Error, "lab error"));
        if (totals.Skip > 0)
            parts.Add($"{totals.Skip} skipped");
        if (totals.Missing > 0 && (totals.Failure > 0 || totals.Error > 0))
            parts.Add($"{totals.Missing} of {run.Planned} without a verdict");
        return parts.Count == 0 ? "" : $" ({string.Join(", ", parts)})";
    }

    private static string Skipped(RunTotals totals) => totals.Skip == 0 ? "" : $"; {totals.Skip} skipped";

    private static string Count(int count, string noun) => count == 1 ? $"1 {noun}" : $"{count} {noun}s";
}
