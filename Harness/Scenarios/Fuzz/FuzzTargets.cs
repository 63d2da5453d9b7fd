using System.Text.Json;
using HvLab.Harness.Scenarios.Kvm;
using HvLab.Harness.Scenarios.Xen;
using HvLab.Reference.Kvm;
using HvLab.Reference.Models.Kvm;
using HvLab.Reference.Models.Xen;
using HvLab.Reference.Models.Xen.Ioreq;
using HvLab.Reference.Xen;

namespace HvLab.Harness.Scenarios.Fuzz;

/// <summary>Every subsystem that can be driven by random plans. A subsystem is one entry.</summary>
public static class FuzzTargets
{
    // A plan that waits in vain must not cost as much as a hundred others; one that diverged so is run again before it counts.
    private const int KvmGiveUpMs = 350;

    public static IReadOnlyList<IFuzzTarget> All { get; } =
    [
        new FuzzTarget<AsyncPfModel, AsyncPfOp, AsyncPfSeen>(new AsyncPfFuzz(),
            (name, claim, operations) => new AsyncPfScenario { Name = name, Claim = claim, Vcpus = AsyncPfFuzz.Vcpus, Trace = operations, GiveUpMs = KvmGiveUpMs },
            plan => ((AsyncPfScenario)plan).Trace,
            (name, claim, json) => Plan(json.Deserialize(AsyncPfJson.Default.AsyncPfPlan)) is var plan
                ? new AsyncPfScenario { Name = name, Claim = claim, Vcpus = plan.Vcpus, Trace = plan.Operations, GiveUpMs = plan.GiveUpMs } : null!,
            AsyncPfJson.Default.AsyncPfSeen, AsyncPfScenario.Liveness),
        new FuzzTarget<IoreqModel, IoreqOp, IoreqSeen>(new IoreqFuzz(),
            (name, claim, operations) => new IoreqScenario { Name = name, Claim = claim, Vcpus = IoreqFuzz.Vcpus, Pages = IoreqFuzz.Pages, Trace = operations },
            plan => ((IoreqScenario)plan).Trace,
            (name, claim, json) => Plan(json.Deserialize(IoreqJson.Default.IoreqPlan)) is var plan
                ? new IoreqScenario { Name = name, Claim = claim, Vcpus = plan.Vcpus, Pages = plan.Pages, Trace = plan.Operations, GiveUpMs = plan.GiveUpMs } : null!,
            IoreqJson.Default.IoreqSeen, IoreqScenario.Liveness),
        new FuzzTarget<PagingModel, PagingOp, PagingSeen>(new PagingFuzz(),
            (name, claim, operations) => new PagingScenario { Name = name, Claim = claim, Vcpus = PagingFuzz.Vcpus, Trace = operations },
            plan => ((PagingScenario)plan).Trace,
            (name, claim, json) => Plan(json.Deserialize(PagingJson.Default.PagingPlan)) is var plan
                ? new PagingScenario { Name = name, Claim = claim, Vcpus = plan.Vcpus, Trace = plan.Operations, GiveUpMs = plan.GiveUpMs } : null!,
            PagingJson.Default.PagingSeen, PagingScenario.Liveness),
        new FuzzTarget<SharingModel, SharingOp, SharingSeen>(new SharingFuzz(),
            (name, claim, operations) => new SharingScenario { Name = name, Claim = claim, Domains = SharingFuzz.Domains, Vcpus = SharingFuzz.Vcpus, Trace = operations },
            plan => ((SharingScenario)plan).Trace,
            (name, claim, json) => Plan(json.Deserialize(SharingJson.Default.SharingPlan)) is var plan
                ? new SharingScenario { Name = name, Claim = claim, Domains = plan.Domains, Vcpus = plan.Vcpus, Trace = plan.Operations, GiveUpMs = plan.GiveUpMs } : null!,
            SharingJson.Default.SharingSeen, SharingScenario.Liveness),
    ];

    /// <summary>Null where random plans do not know the subsystem.</summary>
    public static IFuzzTarget? Of(string subsystem) => All.FirstOrDefault(target => target.Subsystem == subsystem);

    private static T Plan<T>(T? plan) where T : class => plan ?? throw new JsonException("The plan is null.");
}
