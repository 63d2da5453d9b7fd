using System.Text.Json;
using HvLab.Harness.Drivers.Console;
using HvLab.Harness.Lab;
using HvLab.Harness.Lab.Results;
using HvLab.Harness.Scenarios;
using HvLab.Harness.Scheduling;
using HvLab.Harness.Tests.Cli;

namespace HvLab.Harness.Tests.Scheduling;

public sealed class VerdictsTests
{
    private static readonly IScenario Scenario = Catalog.All[0];
    private static readonly ConsoleTrouble Panic = new(ConsoleSeverity.Fatal, "kernel panic", "Kernel panic - not syncing: x");
    private static readonly LabException Silence = new(LabFault.Probe, "The probe said nothing.", "stderr of it");
    private static readonly Divergence Divergence = new() { Step = 3, Operation = "Poll", Seen = "Nothing", Allowed = [] };
    /// <summary>No observation of any first step.</summary>
    private static readonly RawEvent Wrong = new(0, 0, 0, JsonSerializer.Deserialize<JsonElement>("""{"$type":"destroyed"}"""));

    [Test]
    public void A_lost_probe_is_the_labs_fault_without_a_word_on_the_console()
    {
        var result = Verdicts.OfLost(Scenario, Scenario.Plan(), [], Silence, null);
        Assert.That(result.Verdict, Is.EqualTo(Verdict.Error));
        Assert.That(result.Detail, Does.Contain("said nothing").And.Contain("stderr of it"));
    }

    [Test]
    public void A_lost_probe_on_a_host_that_panicked_is_a_failure_that_quotes_the_console()
    {
        var result = Verdicts.OfLost(Scenario, Scenario.Plan(), [], Silence, Panic);
        Assert.That(result.Verdict, Is.EqualTo(Verdict.Failure));
        Assert.That(result.Detail, Does.Contain("kernel panic").And.Contain("not syncing: x"));
    }

    [Test]
    public void A_mere_warning_does_not_explain_why_the_probe_was_lost() =>
        Assert.That(Verdicts.OfLost(Scenario, Scenario.Plan(), [], Silence, Panic with { Severity = ConsoleSeverity.Warning }).Verdict, Is.EqualTo(Verdict.Error));

    [Test]
    public void An_observation_that_is_none_is_the_labs_fault() =>
        Assert.That(Verdicts.Judge(new(Scenario, Scenario.Plan(), [Wrong with { Step = 7 }], TimeSpan.Zero, null)).Verdict, Is.EqualTo(Verdict.Error));

    [Test]
    public void The_console_outweighs_the_model_and_no_known_divergence_excuses_it()
    {
        var result = Verdicts.WithConsole(Results.Scenario(Verdict.Failure) with { Divergence = Divergence }, Panic);
        Assert.Multiple(() =>
        {
            Assert.That(result.Verdict, Is.EqualTo(Verdict.Failure));
            Assert.That(result.Divergence, Is.Null, "a known deviation applies to divergences alone");
            Assert.That(result.Detail, Does.Contain("not syncing: x").And.Contain("step 3: Poll saw Nothing"));
        });
    }

    [Test]
    public void A_success_on_a_host_that_warns_is_a_failure() =>
        Assert.That(Verdicts.WithConsole(Results.Scenario(Verdict.Success), Panic with { Severity = ConsoleSeverity.Warning }).Verdict, Is.EqualTo(Verdict.Failure));

    [Test]
    public void Without_trouble_nothing_changes()
    {
        var passed = Results.Scenario(Verdict.Success);
        Assert.That(Verdicts.WithConsole(passed, null), Is.SameAs(passed));
    }

    [Test]
    public void Trouble_after_the_last_scenario_is_blamed_on_none()
    {
        var result = Verdicts.Aftermath(Panic);
        Assert.That(result.Verdict, Is.EqualTo(Verdict.Failure));
        Assert.That(result.Id, Is.EqualTo("box/stays-healthy"));
    }
}
