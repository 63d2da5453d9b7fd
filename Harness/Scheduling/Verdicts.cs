using System.Text.Json;
using HvLab.Harness.Drivers.Console;
using HvLab.Harness.Lab;
using HvLab.Harness.Lab.Results;
using HvLab.Harness.Scenarios;

namespace HvLab.Harness.Scheduling;

/// <summary>From what came back of a scenario to its verdict; no input or output.</summary>
internal static class Verdicts
{
    /// <summary>By the model alone.</summary>
    public static ScenarioResult Judge(ScenarioTrace trace)
    {
        var blank = Describe(trace.Scenario, Verdict.Error) with
        {
            DurationMs = trace.Took.TotalMilliseconds,
            Recorded = new(trace.Plan, [.. trace.Events.Select(seen => new RecordedEvent(seen.AtMicros, seen.TookMicros, seen.Seen))]),
        };
        try
        {
            var judgement = trace.Scenario.Judge(trace.Events);
            var verdict = judgement.Divergence is not null ? Verdict.Failure : trace.Trouble is not null ? Verdict.Error : Verdict.Success;
            return blank with
            {
                Verdict = verdict,
                Divergence = judgement.Divergence,
                Trace = judgement.Trace,
                Detail = verdict == Verdict.Error ? trace.Trouble : trace.BegunAgain is { } why ? $"Begun again. {why}" : null,
            };
        }
        catch (Exception malformed) when (malformed is JsonException or NotSupportedException or InvalidOperationException
            or ArgumentException or FormatException or ArithmeticException or IndexOutOfRangeException)
        {
            // Readers of JSON and models of machines have many words for what cannot be; the others still are judged.
            return blank with { Detail = $"The probe's observation makes no sense: {malformed.Message}" };
        }
    }

    /// <summary>
    /// The console's word outweighs the model's: a host that complains has failed, whatever the guest saw, and no known
    /// divergence excuses it.
    /// </summary>
    public static ScenarioResult WithConsole(ScenarioResult result, ConsoleTrouble? console) => console is null ? result : result with
    {
        Verdict = Verdict.Failure,
        Detail = $"The host's console shows: {console.Kind}.\n{console.Excerpt}"
            + (result.Divergence is { } divergence ? $"\nThe trace diverged too, at step {divergence.Step}: {divergence.Operation} saw {divergence.Seen}." : ""),
        Divergence = null,
    };

    /// <summary>
    /// The probe did not come to the scenario's end. What it saw until then counts; without a divergence in that, and without
    /// a word on the console, the lab is to blame.
    /// </summary>
    public static ScenarioResult OfLost(
        IScenario scenario, JsonElement plan, IReadOnlyList<RawEvent> events, LabException trouble, ConsoleTrouble? console) =>
        WithConsole(Judge(new(scenario, plan, events, TimeSpan.Zero, $"{trouble.Message}\n{trouble.Evidence}".TrimEnd())),
            console is { Severity: >= ConsoleSeverity.Crash } ? console : null);

    /// <summary>Trouble on the console that came after the last scenario, so that none of them can be blamed.</summary>
    public static ScenarioResult Aftermath(ConsoleTrouble console) => WithConsole(new()
    {
        Id = "box/stays-healthy",
        Subsystem = "box",
        Claim = "After the last scenario the host still runs, and its console shows no trouble.",
        Verdict = Verdict.Failure,
        DurationMs = 0,
    }, console);

    public static ScenarioResult Describe(IScenario scenario, Verdict verdict) => new()
    {
        Id = scenario.Id,
        Subsystem = scenario.Subsystem,
        Claim = scenario.Claim,
        Verdict = verdict,
        DurationMs = 0,
    };
}
