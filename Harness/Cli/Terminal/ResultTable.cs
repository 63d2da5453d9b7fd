using HvLab.Harness.Lab.Results;
using HvLab.Harness.Reports.Terminal;
using HvLab.Harness.Reports.Text;
using HvLab.Harness.Scheduling;
using Spectre.Console;

namespace HvLab.Harness.Cli.Terminal;

/// <summary>The end of a run: a row a scenario, totals, where the report is.</summary>
internal static class ResultTable
{
    private const int MaxExplained = 3;

    public static void Print(RunOutcome outcome, Session session)
    {
        var run = outcome.Result;
        if (session.Interactive)
            PrintDrawn(run, session);
        else
            TextTable.Print(session.Output, run.Scenarios.Select(result => new[]
            {
                VerdictText.Of(result), result.Id, VerdictText.Duration(result.DurationMs), VerdictText.Note(result),
            }));
        // The rest is in the report; a broken hypervisor must not scroll the verdict away.
        foreach (var failure in run.Scenarios.Where(result => result is { Verdict: Verdict.Failure, KnownDeviation: null }).Take(MaxExplained))
            session.Output.WriteLine($"\n{DivergenceText.Render(failure)}");
        if (run.Trouble is { } trouble)
        {
            session.Output.WriteLine($"The run ended early: {VisibleText.Block(trouble)}");
            Failures.PrintEvidence(run.TroubleEvidence, session.Output);
        }
        session.Output.WriteLine(Totals(run));
        session.Output.WriteLine($"Report: {Path.Combine(outcome.Directory, "report.html")}");
    }

    /// <summary>"21 Success, 1 Failure" and what the numbers do not say by themselves.</summary>
    internal static string Totals(RunResult run)
    {
        var known = run.Scenarios.Count(result => result is { Verdict: Verdict.Failure, KnownDeviation: not null });
        var counts = Enum.GetValues<Verdict>()
            .Select(verdict => (verdict, Count: run.Scenarios.Count(result => result.Verdict == verdict) - (verdict is Verdict.Failure ? known : 0)))
            .Where(pair => pair.Count > 0)
            .Select(pair => $"{pair.Count} {pair.verdict}")
            .ToList();
        if (known > 0)
            counts.Add($"{known} known deviation{(known == 1 ? "" : "s")}");
        var missing = run.Planned - run.Scenarios.Count;
        if (missing > 0)
            counts.Add($"{missing} without an answer");
        var text = counts.Count == 0 ? "No scenario" : string.Join(", ", counts);
        return ExitCode.Executed(run) == 0 ? $"{text}. Nothing was executed, so nothing is known (exit code 125)." : $"{text}.";
    }

    private static void PrintDrawn(RunResult run, Session session)
    {
        var table = new Table { Border = TableBorder.Rounded };
        table.AddColumns("Scenario", "Verdict", "Time", "Note");
        table.Columns[0].NoWrap();
        table.Columns[2].RightAligned();
        foreach (var result in run.Scenarios)
            table.AddRow(
                Markup.Escape(VisibleText.Line(result.Id, 100)),
                $"[{VerdictText.Colour(result)}]{VerdictText.Of(result)}[/]",
                VerdictText.Duration(result.DurationMs),
                Markup.Escape(VisibleText.Line(VerdictText.Note(result), 300)));
        RunView.Drawing(session).Write(table);
    }
}
