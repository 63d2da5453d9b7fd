using System.Diagnostics;
using System.Text.Json;
using HvLab.Harness.Scenarios;
using HvLab.Harness.Scenarios.Kvm;
using HvLab.Reference.Kvm;

namespace HvLab.Reference.Tests.Kvm;

[NonParallelizable]
public sealed class CheckingSpeedTests
{
    /// <summary>The target is a million, measured by <c>./hvlab bench</c> on a quiet core; here another test may have the core.</summary>
    private const double Floor = 100_000;

    [Test]
    public void Traces_of_all_scenarios_are_judged_fast()
    {
        var traces = AsyncPfScenarios.All.Select(scenario => (Check: scenario.PrepareCheck(Recorded(scenario)), Events: scenario.Trace.Count)).ToArray();
        Round(traces, TimeSpan.FromSeconds(1.5));
        var speed = Round(traces, TimeSpan.FromSeconds(1.5));
        TestContext.Out.WriteLine($"{speed:0} events a second");
        Assert.That(speed, Is.GreaterThan(Floor));
    }

    [TestCaseSource(typeof(AsyncPfScenarios), nameof(AsyncPfScenarios.All))]
    public void A_recorded_trace_is_read_as_it_was_written(AsyncPfScenario scenario)
    {
        var events = Recorded(scenario);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(scenario.PrepareCheck(events)(), Is.True);
            Assert.That(scenario.Judge(events).Divergence, Is.Null);
        }
    }

    private static double Round((Func<bool> Check, int Events)[] traces, TimeSpan atLeast)
    {
        var clock = Stopwatch.StartNew();
        var events = 0L;
        do
            foreach (var (check, count) in traces)
            {
                check();
                events += count;
            }
        while (clock.Elapsed < atLeast);
        return events / clock.Elapsed.TotalSeconds;
    }

    private static RawEvent[] Recorded(AsyncPfScenario scenario) =>
    [
        .. SimulatedMachine.Run(scenario.Model, scenario.Trace, seed: 0, eager: true).Events
            .Select((now, step) => new RawEvent(step, step, 1, JsonSerializer.SerializeToElement(now.Seen, AsyncPfJson.Default.AsyncPfSeen))),
    ];
}
