namespace HvLab.Harness.Scenarios;

/// <summary>How fast models judge traces: the figure <c>check.events.per-second</c>.</summary>
public static class CheckingSpeed
{
    /// <summary>Judges the traces over and over on one core; what comes before the model, such as reading JSON, is not counted.</summary>
    /// <param name="traces">Scenarios with the events that a probe recorded for them.</param>
    /// <param name="warmUp">Not counted: the compiler gets to see what is hot.</param>
    /// <param name="atLeast">How long to count.</param>
    /// <returns>Events judged in a second; 0 where there are none.</returns>
    /// <exception cref="System.Text.Json.JsonException">An event is not one of its scenario.</exception>
    public static double EventsPerSecond(
        IReadOnlyList<(IScenario Scenario, IReadOnlyList<RawEvent> Events)> traces, TimeProvider time, TimeSpan warmUp, TimeSpan atLeast)
    {
        ArgumentNullException.ThrowIfNull(traces);
        ArgumentNullException.ThrowIfNull(time);
        var checks = traces.Select(trace => trace.Scenario.PrepareCheck(trace.Events)).ToArray();
        Count(checks, time, warmUp);
        var (events, took) = Count(checks, time, atLeast);
        return took > TimeSpan.Zero ? events / took.TotalSeconds : 0;
    }

    private static (long Events, TimeSpan Took) Count(Func<int>[] checks, TimeProvider time, TimeSpan atLeast)
    {
        var events = 0L;
        var start = time.GetTimestamp();
        TimeSpan took;
        do
        {
            var round = 0L;
            foreach (var check in checks)
                round += check();
            events += round;
            took = time.GetElapsedTime(start);
            if (round == 0)
                break;
        }
        while (took < atLeast);
        return (events, took);
    }
}
