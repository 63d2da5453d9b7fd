using System.Text.Json;
using HvLab.Harness.Scenarios;
using HvLab.Harness.Scenarios.Xen;
using HvLab.Reference.Models;
using HvLab.Reference.Models.Xen;
using HvLab.Reference.Xen;

namespace HvLab.Reference.Tests.Xen;

/// <summary>The scenarios say what they mean: on a machine that behaves as the model does, nothing of them is refused, and all is accepted.</summary>
public sealed class SharingScenarioTests
{
    [TestCaseSource(typeof(SharingScenarios), nameof(SharingScenarios.All))]
    public void A_good_machine_is_accepted(SharingScenario scenario)
    {
        var events = Simulate(scenario);
        Assert.That(SharingScenario.NewConformance().Check(scenario.Model, events), Is.Null);
    }

    [TestCaseSource(typeof(SharingScenarios), nameof(SharingScenarios.All))]
    public void No_operation_is_out_of_place(SharingScenario scenario)
    {
        foreach (var now in Simulate(scenario))
            Assert.That(now.Seen.Answer, Is.Not.InstanceOf<SharingAnswer.Refused>(), $"{now.Operation}");
    }

    [TestCaseSource(typeof(SharingScenarios), nameof(SharingScenarios.All))]
    public void A_recorded_trace_is_read_as_it_was_written(SharingScenario scenario)
    {
        RawEvent[] events =
        [
            .. Simulate(scenario).Select((now, step) => new RawEvent(step, step, 1, JsonSerializer.SerializeToElement(now.Seen, SharingJson.Default.SharingSeen))),
        ];
        Assert.That(scenario.PrepareCheck(events)(), Is.True);
        var plan = scenario.Plan().Deserialize(SharingJson.Default.SharingPlan)!;
        Assert.That(plan.Operations, Is.EqualTo(scenario.Trace));
    }

    [TestCaseSource(typeof(SharingScenarios), nameof(SharingScenarios.All))]
    public void One_word_that_another_domain_changed_diverges_at_its_own_step(SharingScenario scenario)
    {
        var good = Simulate(scenario);
        var sites = 0;
        for (var step = 0; step < good.Length; step++)
        {
            if (Corrupt(good[step].Seen) is not { } wrong)
                continue;
            sites++;
            var trace = (Event<SharingOp, SharingSeen>[])good.Clone();
            trace[step] = trace[step] with { Seen = wrong };
            Assert.That(SharingScenario.NewConformance().Check(scenario.Model, trace)?.Step, Is.EqualTo(step));
        }
        Assert.That(sites, Is.Positive);
    }

    [Test]
    public void Names_are_unique_and_claims_are_sentences()
    {
        Assert.That(SharingScenarios.All.Select(scenario => scenario.Name), Is.Unique);
        foreach (var scenario in SharingScenarios.All)
            Assert.That(scenario.Claim, Does.EndWith("."), scenario.Name);
    }

    /// <summary>The first answer that the model allows, step by step.</summary>
    private static Event<SharingOp, SharingSeen>[] Simulate(SharingScenario scenario)
    {
        var state = scenario.Model;
        var events = new Event<SharingOp, SharingSeen>[scenario.Trace.Count];
        for (var step = 0; step < events.Length; step++)
        {
            (var seen, state) = scenario.Trace[step].On(state).Alternatives[0];
            events[step] = new(scenario.Trace[step], seen, TimeSpan.FromMilliseconds(1));
        }
        return events;
    }

    /// <summary>The last page that is there holds another word; null where none is.</summary>
    private static SharingSeen? Corrupt(SharingSeen seen)
    {
        for (var domain = seen.World.Domains.Count - 1; domain >= 0; domain--)
            for (var page = seen.World.Domains[domain].Pages.Count - 1; page >= 0; page--)
                if (seen.World.Domains[domain].Pages[page] is { State: SharingPageState.Present } view)
                {
                    var it = seen.World.Domains[domain];
                    it = it with { Pages = it.Pages.Set(page, view with { Content = view.Content.With(SharingWord.Last, view.Content.Last ^ 1) }) };
                    return seen with { World = seen.World with { Domains = seen.World.Domains.Set(domain, it) } };
                }
        return null;
    }
}
