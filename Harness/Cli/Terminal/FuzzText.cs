using HvLab.Harness.Reports.Json;
using HvLab.Harness.Reports.Terminal;
using HvLab.Harness.Reports.Text;
using HvLab.Harness.Scheduling.Fuzz;

namespace HvLab.Harness.Cli.Terminal;

/// <summary>The end of a campaign in words.</summary>
internal static class FuzzText
{
    private const int MaxExplained = 5, MaxMissing = 10;

    public static void Print(FuzzResult result, Session session)
    {
        var (output, document) = (session.Output, result.Document);
        foreach (var finding in document.Findings.Take(MaxExplained))
        {
            output.WriteLine();
            if (result.Run.Scenarios.FirstOrDefault(scenario => scenario.Id.EndsWith($"/{finding.Name}", StringComparison.Ordinal)) is { } shown)
                output.WriteLine(DivergenceText.Render(shown, int.MaxValue));
            output.WriteLine(FormattableString.Invariant(
                $"{finding.Regularity}, {finding.Times} of {finding.Runs}; {finding.Operations} operations, made from {finding.FirstOperations} by {finding.ShrinkRuns} plans in {finding.ShrinkSeconds:0.0} s{(finding.IsMinimal ? "" : ", not minimal")}; {finding.Plans} plans showed it."));
            output.WriteLine($"Again: ./hvlab replay {Path.Combine(result.Directory, finding.File)}");
        }
        output.WriteLine();
        if (document.Findings.Count > MaxExplained)
            output.WriteLine($"{document.Findings.Count - MaxExplained} more findings are in the report.");
        foreach (var (name, plans) in document.KnownDeviations)
            output.WriteLine($"Known deviation {name}: shown by {plans} plans.");
        if (document.Coverage is { } covered)
        {
            output.WriteLine($"Coverage: {covered.Visited} of {covered.Explored} abstract steps that exploration finds ({covered.Bounds}; {covered.States} states{(covered.Complete ? "" : ", cut short")}), and {covered.Beyond} beyond.");
            foreach (var missing in covered.Missing.Take(MaxMissing))
                output.WriteLine($"  not visited: {VisibleText.Line(missing, 200)}");
            if (covered.Missing.Count > MaxMissing)
                output.WriteLine($"  … the rest is in {FuzzFile.Name}");
        }
        if (document.Trouble is { } trouble)
            output.WriteLine($"The campaign ended early: {VisibleText.Block(trouble)}");
        var found = document.Findings.Count switch { 0 => "nothing found", 1 => "1 finding", var count => $"{count} findings" };
        output.WriteLine(FormattableString.Invariant(
            $"{document.Plans} plans, {document.Operations} operations in {document.Seconds:0.0} s ({document.PlansPerSecond:0} plans a second in the box), seed {document.Seed}: {found}."));
        output.WriteLine($"Report: {Path.Combine(result.Directory, RunDirectory.HtmlName)}");
    }
}
