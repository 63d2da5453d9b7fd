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
        var speed = CheckingSpeed.EventsPerSecond(Traces, TimeProvider.System, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
        TestContext.Out.WriteLine($"{speed:0} events a second");
        Assert.That(speed, Is.GreaterThan(Floor));
    }

    [Test]
    public void Each_scenario_counts_the_events_that_it_judged()
    {
        foreach (var (scenario, events) in Traces)
            Assert.That(scenario.PrepareCheck(events)(), Is.EqualTo(events.Count), scenario.Id);
    }

    [Test]
    public void Nothing_to_judge_is_no_speed() =>
        Assert.That(CheckingSpeed.EventsPerSecond([], TimeProvider.System, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1)), Is.Zero);

    private static IReadOnlyList<(IScenario, IReadOnlyList<RawEvent>)> Traces { get; } =
    [
        .. AsyncPfScenarios.All.Select(scenario => ((IScenario)scenario, (IReadOnlyList<RawEvent>)
        [
            .. SimulatedMachine.Run(scenario.Model, scenario.Trace, seed: 0, eager: true).Events
                .Select((now, step) => new RawEvent(step, step, 1, JsonSerializer.SerializeToElement(now.Seen, AsyncPfJson.Default.AsyncPfSeen))),
        ])),
    ];
}
