using HvLab.Harness.Drivers.Console;
using HvLab.Harness.Lab.Results;
using HvLab.Harness.Scheduling;
using HvLab.Harness.Tests.Cli;

namespace HvLab.Harness.Tests.Scheduling;

public sealed class NextStepTests
{
    private static readonly ScenarioResult Passed = Results.Scenario(Verdict.Success);
    private static readonly ScenarioResult Failed = Results.Scenario(Verdict.Failure);
    private static readonly ScenarioResult Known = Results.Scenario(Verdict.Failure, known: "because");
    private static readonly ScenarioResult Lost = Results.Scenario(Verdict.Error);

    private static NextStep After(ScenarioResult result, ConsoleSeverity? console = null, bool probeLost = false, bool failFast = false) =>
        NextSteps.After(result, console, probeLost, failFast);

    [Test]
    public void A_quiet_host_goes_on_whatever_the_verdict([Values] bool failFast) => Assert.Multiple(() =>
    {
        Assert.That(After(Passed, failFast: failFast), Is.EqualTo(NextStep.GoOn));
        Assert.That(After(Known, failFast: failFast), Is.EqualTo(NextStep.GoOn));
        Assert.That(After(Lost, failFast: failFast), Is.EqualTo(NextStep.GoOn));
        Assert.That(After(Failed), Is.EqualTo(NextStep.GoOn));
    });

    [Test]
    public void A_warning_fails_its_scenario_but_needs_no_power_cycle() =>
        Assert.That(After(Failed, ConsoleSeverity.Warning), Is.EqualTo(NextStep.GoOn));

    [Test]
    public void After_a_crash_the_box_is_power_cycled([Values(ConsoleSeverity.Crash, ConsoleSeverity.Fatal)] ConsoleSeverity console) =>
        Assert.That(After(Failed, console), Is.EqualTo(NextStep.PowerCycle));

    [Test]
    public void After_a_lost_probe_the_box_is_power_cycled([Values] bool failFast) => Assert.Multiple(() =>
    {
        Assert.That(After(Lost, probeLost: true, failFast: failFast), Is.EqualTo(NextStep.PowerCycle));
        Assert.That(After(Known, probeLost: true, failFast: failFast), Is.EqualTo(NextStep.PowerCycle));
    });

    [Test]
    public void Fail_fast_ends_after_the_first_unexpected_failure_however_it_was_seen() => Assert.Multiple(() =>
    {
        Assert.That(After(Failed, failFast: true), Is.EqualTo(NextStep.EndRun));
        Assert.That(After(Failed, ConsoleSeverity.Warning, failFast: true), Is.EqualTo(NextStep.EndRun));
        Assert.That(After(Failed, ConsoleSeverity.Fatal, failFast: true), Is.EqualTo(NextStep.EndRun));
        Assert.That(After(Failed, ConsoleSeverity.Fatal, probeLost: true, failFast: true), Is.EqualTo(NextStep.EndRun));
    });
}
