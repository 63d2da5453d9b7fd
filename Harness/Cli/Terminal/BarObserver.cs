using HvLab.Harness.Lab.Results;
using HvLab.Harness.Lab;
using HvLab.Harness.Reports.Text;
using HvLab.Harness.Scheduling;
using Spectre.Console;

namespace HvLab.Harness.Cli.Terminal;

/// <summary>A bar with the current scenario; what must stay readable scrolls above it.</summary>
internal sealed class BarObserver(IAnsiConsole console, ProgressTask task) : IRunObserver
{
    public void Phase(string text) => Describe(text);

    public void HostReady(HostFacts facts) => Line("blue", HostText.Of(facts));

    public void ScenarioStarted(string id, int index, int total)
    {
        task.MaxValue = total;
        task.Value = index;
        Describe($"{index + 1}/{total} {id}");
    }

    public void ScenarioFinished(ScenarioResult result)
    {
        task.Increment(1);
        if (result.Verdict is not Verdict.Success || result.DeviationGone)
            Line(VerdictText.Colour(result), $"{VerdictText.Of(result)}  {result.Id}  {VerdictText.Note(result)}");
    }

    public void Note(string text) => Line("grey", text);

    private void Describe(string text) => task.Description = Markup.Escape(VisibleText.Line(text, 100));

    private void Line(string colour, string text) => console.MarkupLine($"[{colour}]{Markup.Escape(VisibleText.Line(text, 500))}[/]");
}
