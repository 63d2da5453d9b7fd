using System.Globalization;
using HvLab.Harness.Lab.Results;
using HvLab.Harness.Reports.Summary;
using HvLab.Harness.Reports.Text;

namespace HvLab.Harness.Reports.Terminal;

/// <summary>The end of a run as plain strings, safe to print: guest text is made visible.</summary>
public static class TerminalSummary
{
    public static IReadOnlyList<string> Columns { get; } =
        ["subsystem", "success", "known", "skip", "error", "failure", "time"];

    /// <summary>One row a subsystem and a last one for all; as many cells as <see cref="Columns"/>.</summary>
    public static IReadOnlyList<IReadOnlyList<string>> Rows(RunResult run)
    {
        ArgumentNullException.ThrowIfNull(run);
        var rows = run.Scenarios.GroupBy(s => s.Subsystem)
            .Select(group => Row(VisibleText.Line(group.Key, 60), [.. group]))
            .ToList();
        rows.Add(Row("all", run.Scenarios));
        return rows;
    }

    /// <summary>The table as aligned lines, then the verdict sentence and whatever deserves a line of its own.</summary>
    public static IReadOnlyList<string> Lines(RunResult run)
    {
        ArgumentNullException.ThrowIfNull(run);
        IReadOnlyList<IReadOnlyList<string>> table = [Columns, .. Rows(run)];
        var widths = Columns.Select((_, column) => table.Max(row => row[column].Length)).ToArray();
        return
        [
            .. table.Select(row => string.Join("  ", row.Select((cell, column) =>
                column == 0 ? cell.PadRight(widths[column]) : cell.PadLeft(widths[column])))),
            "",
            .. Notable(run),
            Sentence(run),
        ];
    }

    /// <summary>The overall verdict: its sign and one sentence.</summary>
    public static string Sentence(RunResult run)
    {
        var sentence = RunSentence.Of(run);
        return $"{sentence.Worst.Sign()} {sentence.Text}";
    }

    /// <summary>One line each for failures, errors, known deviations, deviations that are gone, skips and trouble.</summary>
    public static IReadOnlyList<string> Notable(RunResult run)
    {
        ArgumentNullException.ThrowIfNull(run);
        var lines = run.Scenarios
            .Where(s => s.Outcome() != Outcome.Success || s.DeviationGone)
            .Select(s => $"{s.Outcome().Sign()} {VisibleText.Line(s.Id, 120)}: {Why(s)}")
            .ToList();
        foreach (var host in run.Hosts.Where(host => host.LabPatched))
            lines.Add($"! the hypervisor under test ({VisibleText.Line(host.Release, 80)}) was changed by the lab");
        if (run.Trouble is { } trouble)
            lines.Add($"! {VisibleText.Line(trouble)}");
        return lines;
    }

    private static string Why(ScenarioResult scenario) => scenario.Outcome() switch
    {
        Outcome.Known => $"known deviation: {VisibleText.Line(scenario.KnownDeviation, 300)}",
        Outcome.Failure when scenario.Divergence is { } d =>
            $"step {d.Step + 1}: {VisibleText.Line(d.Operation, 120)} → {VisibleText.Line(d.Seen, 120)}",
        Outcome.Success => "a known deviation is listed in lab-config but no longer happens",
        _ => VisibleText.Line(scenario.Detail?.Split('\n', 2)[0], 300),
    };

    private static string[] Row(string name, IReadOnlyList<ScenarioResult> scenarios)
    {
        var totals = RunTotals.Of(scenarios, scenarios.Count);
        return
        [
            name, Number(totals.Success), Number(totals.Known), Number(totals.Skip), Number(totals.Error), Number(totals.Failure),
            Durations.Millis(scenarios.Sum(s => s.DurationMs)),
        ];
    }

    private static string Number(int count) => count.ToString(CultureInfo.InvariantCulture);
}
