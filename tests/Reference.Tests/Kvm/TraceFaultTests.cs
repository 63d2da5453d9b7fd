using FsCheck;
using FsCheck.Fluent;
using HvLab.Harness.Scenarios.Kvm;
using HvLab.Reference.Kvm;
using HvLab.Reference.Models;
using HvLab.Reference.Models.Kvm;

namespace HvLab.Reference.Tests.Kvm;

/// <summary>The judge finds bugs, and only bugs: traces of a good machine are accepted, and a bug diverges at its own step.</summary>
public sealed class TraceFaultTests
{
    private const int Seeds = 5;

    [TestCaseSource(typeof(AsyncPfScenarios), nameof(AsyncPfScenarios.All))]
    public void A_good_machine_is_accepted(AsyncPfScenario scenario)
    {
        for (var seed = 0; seed < 20; seed++)
        {
            var run = SimulatedMachine.Run(scenario.Model, scenario.Trace, seed, eager: seed % 2 == 0);
            Assert.That(Check(scenario.Model, run.Events), Is.Null, $"seed {seed}");
        }
    }

    [TestCaseSource(typeof(TraceFault), nameof(TraceFault.All))]
    public void A_bug_diverges_at_its_own_step(TraceFault fault)
    {
        var sites = 0;
        foreach (var scenario in AsyncPfScenarios.All)
            for (var seed = 0; seed < Seeds; seed++)
            {
                var run = SimulatedMachine.Run(scenario.Model, scenario.Trace, seed, eager: true);
                foreach (var (step, trace) in fault.In(run))
                {
                    sites++;
                    var divergence = Check(scenario.Model, trace);
                    var where = $"{scenario.Name}, seed {seed}: '{trace[step].Operation}' was answered '{trace[step].Seen}'";
                    Assert.That(divergence?.Step, Is.EqualTo(step), where);
                    Assert.That(divergence!.Allowed, Does.Contain(run.Events[step].Seen), where);
                }
            }
        Assert.That(sites, Is.Positive, "the bug fits nowhere");
    }

    [Test]
    public void An_answer_after_the_bound_diverges_as_late()
    {
        foreach (var scenario in AsyncPfScenarios.All)
        {
            var run = SimulatedMachine.Run(scenario.Model, scenario.Trace, seed: 0, eager: true);
            for (var step = 0; step < run.Events.Length; step++)
            {
                if (run.Events[step].Seen is not AsyncPfSeen.Ready)
                    continue;
                var trace = (Event<AsyncPfOp, AsyncPfSeen>[])run.Events.Clone();
                trace[step] = trace[step] with { Took = AsyncPfScenario.Liveness + TimeSpan.FromMilliseconds(1) };
                var divergence = Check(scenario.Model, trace);
                Assert.That((divergence?.Step, divergence?.Late), Is.EqualTo((step, true)), $"{scenario.Name}, step {step}");
                Assert.That(divergence!.Allowed, Does.Contain(run.Events[step].Seen));
            }
        }
    }

    [Test]
    public void Whatever_a_good_machine_is_asked_it_is_accepted()
    {
        var plans = from vcpus in Gen.Choose(1, 2)
                    from operations in Gen.ArrayOf(Gen.Elements(Operations(vcpus)), 60)
                    from seed in Gen.Choose(0, int.MaxValue)
                    from eager in Gen.Elements(true, false)
                    select (vcpus, operations, seed, eager);
        Prop.ForAll(Arb.From(plans), plan =>
        {
            var start = AsyncPfModel.AtReset(new(AsyncPfGuest.FirstPaged, AsyncPfGuest.PagedCount, PerVcpuBound: 2), plan.vcpus);
            var run = SimulatedMachine.Run(start, plan.operations, plan.seed, plan.eager);
            return Check(start, run.Events) is null;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(1000));
    }

    private static FirstDivergence<AsyncPfSeen>? Check(AsyncPfModel start, Event<AsyncPfOp, AsyncPfSeen>[] events) =>
        AsyncPfScenario.NewConformance().Check(start, events);

    /// <summary>Few pages and values, so that what was begun is often met again; the shared area moves between RAM and a paged page.</summary>
    private static AsyncPfOp[] Operations(int vcpus)
    {
        Gfn[] pages = [.. Enumerable.Range(0, 4).Select(page => new Gfn(AsyncPfGuest.FirstPaged.Value + (ulong)page))];
        return
        [
            .. Enumerable.Range(0, vcpus).Select(id => new VcpuId(id)).SelectMany(vcpu => (AsyncPfOp[])
            [
                .. from area in (ulong[])[AsyncPfGuest.SharedArea(vcpu).Value, pages[3].Start.Value]
                   from bits in (ulong[])[Exploration.Told, Exploration.UserOnly]
                   select new AsyncPfOp.WriteMsr(vcpu, AsyncPfMsr.Enable, area | bits),
                new AsyncPfOp.WriteMsr(vcpu, AsyncPfMsr.Enable, 0), new AsyncPfOp.WriteMsr(vcpu, AsyncPfMsr.Enable, 0x30),
                new AsyncPfOp.SetLapic(vcpu, Lapic.On), new AsyncPfOp.SetLapic(vcpu, Lapic.SoftwareOff),
                new AsyncPfOp.Halt(vcpu), new AsyncPfOp.Poll(vcpu), new AsyncPfOp.Idle(vcpu),
                .. Enumerable.Repeat(new AsyncPfOp.Await(vcpu), 4), .. Enumerable.Repeat(new AsyncPfOp.Acknowledge(vcpu), 3),
                .. from page in pages
                   from mode in (GuestMode[])[GuestMode.Kernel, GuestMode.KernelMasked, GuestMode.UserSpace]
                   select new AsyncPfOp.Touch(vcpu, page, Access.Write, mode),
            ]),
            .. pages.SelectMany(page => (AsyncPfOp[])[new AsyncPfOp.AwaitRequest(page), new AsyncPfOp.Supply(page), new AsyncPfOp.Supply(page), new AsyncPfOp.Evict(page)]),
            new AsyncPfOp.MoveToNewVm(),
        ];
    }
}
