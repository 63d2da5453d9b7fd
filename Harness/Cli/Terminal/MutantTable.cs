using HvLab.Harness.Lab.Results;
using HvLab.Harness.Reports.Json;
using HvLab.Harness.Reports.Text;
using Spectre.Console;

namespace HvLab.Harness.Cli.Terminal;

/// <summary>The end of a mutants run: a row a mutant, what it comes to, where the runs are.</summary>
internal static class MutantTable
{
    private static readonly string[] Headings = ["mutant", "found", "by scenario", "build", "after", "of it in the box", "note"];

    /// <param name="asked">How many mutants the command was about, the control not counted.</param>
    public static void Print(MutantOutcomes table, int asked, string directory, Session session)
    {
        if (session.Interactive)
            PrintDrawn(table, session);
        else
            TextTable.Print(session.Output, table.Mutants.Select(Row).Prepend(Headings));
        session.Output.WriteLine(Totals(table, asked));
        session.Output.WriteLine($"Table: {Path.Combine(directory, MutantsFile.Name)}; each run has its report in {directory}/MUTANT/report.html");
    }

    /// <summary>One outcome while the others still run.</summary>
    public static string Line(MutantOutcome outcome) => string.Join("  ", Row(outcome).Where(cell => cell.Length > 0));

    public static string Totals(MutantOutcomes table, int asked)
    {
        var mutants = table.Mutants.Where(outcome => !outcome.IsControl).ToArray();
        return table.Mutants.FirstOrDefault(outcome => outcome.IsControl) switch
        {
            { Found: true } => "The unchanged hypervisor, rebuilt, failed: what mutants do proves nothing, so none was run. './hvlab run' of the same suite tells whether the packaged one fails too.",
            { Found: false } => $"{mutants.Count(o => o.Found == true)} of {asked} mutants found, {mutants.Count(o => o.Found == false)} missed, "
                + $"{asked - mutants.Count(o => o.Found is not null)} unknown; the unchanged hypervisor, rebuilt, passed.",
            _ => "The lab could not tell whether the unchanged hypervisor, rebuilt, passes, so no mutant was run (exit code 125).",
        };
    }

    private static string[] Row(MutantOutcome outcome) =>
    [
        outcome.Mutant, Word(outcome), outcome.ByScenario ?? "", Duration(outcome.BuildMs), Duration(outcome.AfterMs), Duration(outcome.InBoxMs),
        VisibleText.Line(outcome.Note ?? "", 160),
    ];

    private static string Word(MutantOutcome outcome) => (outcome.IsControl, outcome.Found) switch
    {
        (_, null) => "! unknown",
        (true, false) => "✓ passed",
        (true, true) => "✗ FAILED",
        (false, true) => "✓ found",
        (false, false) => "✗ MISSED",
    };

    private static string Colour(MutantOutcome outcome) => outcome.Found is not { } found ? "yellow" : found != outcome.IsControl ? "green" : "red";

    private static string Duration(double? milliseconds) => milliseconds is { } known ? FormattableString.Invariant($"{known / 1000:F1} s") : "";

    private static void PrintDrawn(MutantOutcomes table, Session session)
    {
        var drawn = new Table { Border = TableBorder.Rounded };
        drawn.AddColumns(Headings);
        drawn.Columns[0].NoWrap();
        foreach (var outcome in table.Mutants)
            drawn.AddRow(Row(outcome).Select((cell, column) =>
                column == 1 ? $"[{Colour(outcome)}]{Markup.Escape(cell)}[/]" : Markup.Escape(cell)).ToArray());
        RunView.Drawing(session).Write(drawn);
    }
}
