using System.Text.Json;
using HvLab.Harness.Lab;
using HvLab.Harness.Lab.Results;
using HvLab.Harness.Scenarios;

namespace HvLab.Harness.Scheduling;

/// <summary>A scenario of today and what an earlier run recorded of it.</summary>
public sealed record Recording(IScenario Scenario, IReadOnlyList<RawEvent> Events, ScenarioResult Then);

/// <summary>The recorded traces of a run: judged again without a box, by the model as it is now.</summary>
public static class Recordings
{
    /// <summary>Everything that was recorded, in the order of the run.</summary>
    /// <exception cref="LabException">
    /// <see cref="LabFault.Configuration"/>: a scenario is gone or has another plan than when it was recorded, so its trace says nothing about it.
    /// </exception>
    public static IReadOnlyList<Recording> Of(RunResult run)
    {
        ArgumentNullException.ThrowIfNull(run);
        var known = Catalog.All.ToDictionary(scenario => scenario.Id, StringComparer.Ordinal);
        return [.. run.Scenarios.Where(then => then.Recorded is not null).Select(then => Match(known.GetValueOrDefault(then.Id), then))];
    }

    /// <summary>The result that the trace has today. What the lab knew beside the trace (a crash of the host) stays as it was.</summary>
    public static ScenarioResult Rejudge(Recording recording)
    {
        ArgumentNullException.ThrowIfNull(recording);
        var (scenario, events, then) = recording;
        var trouble = then is { Verdict: Verdict.Error, Detail: { } detail } ? detail : null;
        var now = Verdicts.Judge(new(scenario, then.Recorded!.Plan, events, TimeSpan.FromMilliseconds(then.DurationMs), trouble));
        return then is { Verdict: Verdict.Failure, Divergence: null } && now.Divergence is null
            ? now with { Verdict = Verdict.Failure, Detail = then.Detail }
            : now;
    }

    private static Recording Match(IScenario? scenario, ScenarioResult then)
    {
        if (scenario is null || !JsonElement.DeepEquals(scenario.Plan(), then.Recorded!.Plan))
            throw new LabException(LabFault.Configuration,
                $"The trace of {then.Id} was recorded for other operations than the scenario has now{(scenario is null ? " (it is gone)" : "")}, "
                + "so the present model cannot judge it. Run it again: './hvlab replay' without --check.");
        return new(scenario, [.. then.Recorded.Events.Select((seen, step) => new RawEvent(step, seen.AtMicros, seen.TookMicros, seen.Seen))], then);
    }
}
