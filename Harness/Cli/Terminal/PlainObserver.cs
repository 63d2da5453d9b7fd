using HvLab.Harness.Lab.Results;
using HvLab.Harness.Lab;
using HvLab.Harness.Reports.Text;
using HvLab.Harness.Scheduling;

namespace HvLab.Harness.Cli.Terminal;

/// <summary>One line an event, with seconds since the start; for logs.</summary>
internal sealed class PlainObserver(TextWriter output, TimeProvider clock) : IRunObserver
{
    private readonly long _started = clock.GetTimestamp();
    private string _position = "";

    public void Phase(string text) => Line(text);

    public void HostReady(HostFacts facts) => Line(HostText.Of(facts));

    public void ScenarioStarted(string id, int index, int total) => _position = $"{index + 1}/{total}";

    public void ScenarioFinished(ScenarioResult result) =>
        Line($"{_position} {VerdictText.Of(result)}  {result.Id}  {VerdictText.Duration(result.DurationMs)}"
            + (VerdictText.Note(result) is { Length: > 0 } note ? $"  {note}" : ""));

    public void Note(string text) => Line(text);

    private void Line(string text) => output.WriteLine(
        FormattableString.Invariant($"{clock.GetElapsedTime(_started).TotalSeconds,6:F1}s  {VisibleText.Line(text, 500)}"));
}
