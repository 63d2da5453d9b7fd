using HvLab.Harness.Scenarios.Xen;
using HvLab.Reference.Models;
using HvLab.Reference.Models.Xen.Ioreq;
using HvLab.Reference.Xen;
using static HvLab.Reference.Xen.IoreqSeen;

namespace HvLab.Reference.Tests.Xen;

/// <summary>The judge finds bugs, and only bugs: what a design does is explained by that design, and a bug diverges at its own step.</summary>
public sealed class IoreqConformanceTests
{
    private static readonly Wrong[] Wrongs =
    [
        new("a forwarded write lands in RAM", seen => seen is Forwarded { Request.IsWrite: true } ? new Completed() : null),
        new("a write reaches the other server", seen => seen is Forwarded forwarded ? forwarded with { Server = 1 - forwarded.Server } : null),
        new("a request has the wrong data", seen => seen is Forwarded { Request.IsWrite: true } forwarded ? forwarded with { Request = forwarded.Request with { Data = forwarded.Request.Data ^ 1 } } : null),
        new("a request has the wrong address", seen => seen is Forwarded forwarded ? forwarded with { Request = forwarded.Request with { Address = forwarded.Request.Address + 4 } } : null),
        new("a request has the wrong size", seen => seen is Forwarded forwarded ? forwarded with { Request = forwarded.Request with { Size = forwarded.Request.Size * 2 } } : null),
        new("a request stands for several", seen => seen is Forwarded forwarded ? forwarded with { Request = forwarded.Request with { Count = 2 } } : null),
        new("a write is retried for ever", seen => seen is Completed ? new Retrying() : null),
        new("a vCPU is not woken", seen => seen is Completed or Value ? new Blocked() : null),
        // All ones is what a read by nobody returns, and what a read whose server is gone may return: that one is any value's.
        new("a value is wrong", seen => seen is Value { Data: not uint.MaxValue } value ? new Value(value.Data ^ 0x100) : null),
        new("a page is left forwarded", seen => seen is Surveyed { Direct: > 0 } all ? all with { Direct = all.Direct - 1, ForwardedToA = all.ForwardedToA + 1 } : null),
        new("a page is forwarded no more", seen => seen is Surveyed { ForwardedToA: > 0 } all ? all with { Direct = all.Direct + 1, ForwardedToA = all.ForwardedToA - 1 } : null),
        new("a page is stuck", seen => seen is Surveyed { Direct: > 0 } ? new Surveyed(0, 0, 0, IoreqGuest.Window) : null),
        new("a dirty page is missing", seen => seen is Dirty { Count: > 0 } dirty ? new Dirty(dirty.Count - 1, dirty.Named & (dirty.Named - 1)) : null),
        new("a clean page is dirty", seen => seen is Dirty dirty ? dirty with { Count = dirty.Count + 1 } : null),
        new("a call is accepted that must be refused", seen => seen is Failed ? new Done() : null),
        new("a call is refused that must be accepted", seen => seen is Done ? new Failed(XenError.Ebusy) : null),
        new("a call is refused with another error", seen => seen is Failed failed ? new Failed(failed.Error == XenError.Einval ? XenError.Ebusy : XenError.Einval) : null),
        new("a page has another type", seen => seen is TypeIs { Type: var type } ? new TypeIs(type == MemType.RamRw ? MemType.IoreqServer : MemType.RamRw) : null),
        new("a domain stays", seen => seen is DomainGone ? new DomainStays() : null),
        new("a domain is crashed", seen => seen is Completed ? new DomainCrashed() : null),
    ];

    [TestCaseSource(typeof(IoreqScenarios), nameof(IoreqScenarios.All))]
    public void What_a_design_does_is_explained_by_it(IoreqScenario scenario)
    {
        foreach (var design in IoreqDesigns.All)
            for (var seed = 0; seed < 3; seed++)
                Assert.That(IoreqScenario.NewConformance().Check(scenario.ModelOf(design), Simulate(scenario, design, seed)), Is.Null, $"{design}, seed {seed}");
    }

    [TestCaseSource(nameof(Wrongs))]
    public void A_bug_diverges_at_its_own_step(Wrong wrong)
    {
        var sites = 0;
        foreach (var scenario in IoreqScenarios.All.Where(scenario => scenario.Pages <= 64))
        {
            var good = Simulate(scenario, IoreqDesigns.SweepOnDetach, seed: 1);
            for (var step = 0; step < StepsWithoutChoice(scenario, good); step++)
            {
                if (wrong.Instead(good[step].Seen) is not { } instead)
                    continue;
                sites++;
                var bad = (Event<IoreqOp, IoreqSeen>[])good.Clone();
                bad[step] = bad[step] with { Seen = instead };
                var divergence = IoreqScenario.NewConformance().Check(scenario.ModelOf(), bad);
                Assert.That(divergence?.Step, Is.EqualTo(step), $"{scenario.Name}: '{bad[step].Operation}' was answered '{instead}'");
                Assert.That(divergence!.Allowed, Does.Contain(good[step].Seen));
            }
        }
        Assert.That(sites, Is.Positive, "the bug fits nowhere");
    }

    [Test]
    public void Every_scenario_has_a_name_and_a_claim_of_its_own()
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(IoreqScenarios.All.Select(scenario => scenario.Name), Is.Unique);
            Assert.That(IoreqScenarios.All.Select(scenario => scenario.Claim), Is.Unique);
            Assert.That(IoreqScenarios.All, Has.Count.GreaterThanOrEqualTo(45));
        }
    }

    [Test]
    public void No_scenario_asks_for_what_makes_no_sense()
    {
        foreach (var scenario in IoreqScenarios.All)
        {
            var run = Simulate(scenario, IoreqDesigns.SweepOnDetach, seed: 1);
            Assert.That(run.Select(now => now.Seen), Has.None.InstanceOf<Refused>(), scenario.Name);
        }
    }

    [Test]
    public void All_seventy_orders_of_two_servers_are_there() =>
        Assert.That(IoreqScenarios.All.Where(scenario => scenario.Name.StartsWith("order-of-two-servers", StringComparison.Ordinal))
            .SelectMany(scenario => scenario.Claim.TrimEnd('.').Split(' ').Where(word => word.Length == 8 && word.All(letter => letter is 'A' or 'B'))).Distinct().Count(), Is.EqualTo(70));

    /// <summary>A server that is gone or disabled leaves the machine a choice: from there on a wrong answer may be right.</summary>
    private static int StepsWithoutChoice(IoreqScenario scenario, Event<IoreqOp, IoreqSeen>[] events)
    {
        var state = scenario.ModelOf();
        for (var step = 0; step < events.Length; step++)
        {
            var choices = events[step].Operation.On(state).Alternatives;
            if (choices.Length > 1)
                return step;
            (_, state) = choices[0];
        }
        return events.Length;
    }

    /// <summary>A machine of that design: where it has a choice, the seed decides.</summary>
    private static Event<IoreqOp, IoreqSeen>[] Simulate(IoreqScenario scenario, IoreqDesign design, int seed)
    {
        var random = new Random(seed);
        var state = scenario.ModelOf(design);
        var events = new Event<IoreqOp, IoreqSeen>[scenario.Trace.Count];
        for (var step = 0; step < events.Length; step++)
        {
            var choices = scenario.Trace[step].On(state).Alternatives;
            var (seen, then) = choices[random.Next(choices.Length)];
            events[step] = new(scenario.Trace[step], seen, TimeSpan.FromMilliseconds(1));
            state = then;
        }
        return events;
    }

    /// <summary>What a machine with a bug says instead; null where the bug does not fit.</summary>
    public sealed record Wrong(string Name, Func<IoreqSeen, IoreqSeen?> Instead)
    {
        public override string ToString() => Name;
    }
}
