using System.Text.Json;
using HvLab.Harness.Lab.Results;
using HvLab.Harness.Scenarios;

namespace HvLab.Harness.Scheduling;

/// <summary>From what came back of a scenario to its result: at once in a run, or later from a recording.</summary>
internal static class Judging
{
    public static ScenarioResult Judge(ScenarioTrace trace)
    {
        var recorded = new RecordedTrace(trace.Plan, [.. trace.Events.Select(seen => new RecordedEvent(seen.AtMicros, seen.TookMicros, seen.Seen))]);
        try
        {
            var judgement = trace.Scenario.Judge(trace.Events);
            var verdict = judgement.Divergence is not null ? Verdict.Failure : trace.Trouble is not null ? Verdict.Error : Verdict.Success;
            return Describe(trace.Scenario, verdict) with
            {
                DurationMs = trace.Took.TotalMilliseconds,
                Divergence = judgement.Divergence,
                Trace = judgement.Trace,
                Recorded = recorded,
                Detail = verdict == Verdict.Error ? trace.Trouble : null,
            };
        }
        catch (JsonException malformed)
        {
            return Describe(trace.Scenario, Verdict.Error) with
            {
                DurationMs = trace.Took.TotalMilliseconds,
                Recorded = recorded,
                Detail = $"The probe's observation makes no sense: {malformed.Message}",
            };
        }
    }

    public static ScenarioResult Describe(IScenario scenario, Verdict verdict) => new()
    {
        Id = scenario.Id,
        Subsystem = scenario.Subsystem,
        Claim = scenario.Claim,
        Verdict = verdict,
        DurationMs = 0,
    };
}
