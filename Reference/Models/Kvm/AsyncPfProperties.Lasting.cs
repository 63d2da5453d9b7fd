using HvLab.Reference.Kvm;

namespace HvLab.Reference.Models.Kvm;

using Property = Property<AsyncPfModel, AsyncPfOp, AsyncPfSeen>;
using Step = Transition<AsyncPfModel, AsyncPfOp, AsyncPfSeen>;

// What MSRs keep, what pages decide, what ends, what is never forgotten, and what must come.
public static partial class AsyncPfProperties
{
    private static IReadOnlyList<Property> Msrs =>
    [
        new("reserved-bits-fault", AsyncPfRules.ReservedBits, OfVcpu(at =>
            at.Step.Operation is not AsyncPfOp.WriteMsr write || !MustFault(at.Step.From, write) || at.Step.Seen is AsyncPfSeen.GeneralProtection)),
        new("only-bad-writes-fault", AsyncPfRules.ReservedBits, step =>
            step.Seen is not AsyncPfSeen.GeneralProtection || (step.Operation is AsyncPfOp.WriteMsr write && MustFault(step.From, write))),
        new("faulting-write-changes-nothing", AsyncPfRules.GpChangesNothing, step =>
            step.Seen is not AsyncPfSeen.GeneralProtection || step.To == step.From),
        new("disabling-cancels-everything", AsyncPfRules.Disabled, step =>
            !EndsDisabling(step) || step.To.Vcpus[AsyncPfOp.VcpuOf(step.Operation)!.Value.Value] is { Faults.Count: 0, WakeAll: WakeAll.None, Enable: var enable } && !IsEnabling(enable)),
        new("accepted-write-is-kept", AsyncPfRules.GpChangesNothing, OfVcpu(at => at.Step.Seen is AsyncPfSeen.GeneralProtection || at.Step.Operation switch
        {
            AsyncPfOp.WriteMsr { Msr: AsyncPfMsr.Enable } write => at.After.Enable == write.Value,
            AsyncPfOp.WriteMsr { Msr: AsyncPfMsr.Interrupt } write => at.After.Vector == write.Value,
            _ => at.After.Enable == at.Before.Enable && at.After.Vector == at.Before.Vector,
        })),
        new("refused-changes-nothing", AsyncPfRules.RefusedDoesNothing, step => step.Seen is not AsyncPfSeen.Refused || step.To == step.From),
    ];

    private static IReadOnlyList<Property> Pages =>
    [
        new("completed-needs-the-page", AsyncPfRules.RetryFindsPage, OfVcpu(at =>
            at.Step.Seen is not AsyncPfSeen.Completed || (!at.Step.From.MemslotRemoved && !IsMissing(at.Step.From, at.Doing.Page)))),
        new("mmio-needs-the-memslot-gone", AsyncPfRules.MmioLeaves, step => step.Seen is not AsyncPfSeen.Mmio || step.From.MemslotRemoved),
        new("waits-only-for-what-is-missing", AsyncPfRules.Synchronous, OfVcpu(at => at.Step.Seen switch
        {
            AsyncPfSeen.AtPager waits => IsMissing(at.Step.From, waits.Page) && at.After.AtPager == waits.Page,
            AsyncPfSeen.Asleep when at.Doing.Kind == ActivityKind.Touching => IsMissing(at.Step.From, at.Doing.Page),
            _ => true,
        })),
    ];

    private static IReadOnlyList<Property> Ends =>
    [
        new("destroyed-only-without-workers", AsyncPfRules.WaitsForWorker, step =>
        {
            if (step.Seen is not AsyncPfSeen.Destroyed)
                return true;
            foreach (var vcpu in step.From.Vcpus)
                if (Any(vcpu, fault => fault.Stage == FaultStage.Asked) || (vcpu.AtPager is { } page && IsMissing(step.From, page)))
                    return false;
            return step.From.Orphans.IsEmpty;
        }),
        new("destroyed-leaves-nothing", AsyncPfRules.NoLeak, step => step.Seen is not AsyncPfSeen.Destroyed left || left is { Threads: 0, Files: 0, Pages: 0 }),
        new("disabling-waits-for-workers", AsyncPfRules.WaitsForWorker, step =>
            !EndsDisabling(step) || !Any(step.From.Vcpus[AsyncPfOp.VcpuOf(step.Operation)!.Value.Value], fault => fault.Stage == FaultStage.Asked)),
    ];

    private static IReadOnlyList<Property> Memory =>
    [
        new("nothing-told-is-forgotten", AsyncPfRules.Ready, step => Keeps(step, fault =>
            fault.Token != Token.None && !(step.Seen is AsyncPfSeen.Ready ready && ready.Token == fault.Token))),
        new("no-worker-is-forgotten", AsyncPfRules.WaitsForWorker, step => Keeps(step, fault => fault.Stage != FaultStage.Arriving)),
        new("other-vcpus-are-left-alone", AsyncPfRules.SameVcpu, step =>
        {
            if (AsyncPfOp.VcpuOf(step.Operation) is not { } actor)
                return true;
            for (var id = 0; id < step.From.Vcpus.Count; id++)
                if (id != actor.Value && !ReferenceEquals(step.From.Vcpus[id], step.To.Vcpus[id]))
                    return false;
            return true;
        }),
        new("enabling-owes-the-broadcast", AsyncPfRules.Broadcast, OfVcpu(at =>
            !Enables(at.Step) || at.After.WakeAll == WakeAll.MustCome || Any(at.Before, fault => fault.Stage == FaultStage.Arriving)
            || (at.Before.WakeAll == WakeAll.MayCome && at.After.WakeAll == WakeAll.MayCome))),
        new("moving-owes-the-broadcast", AsyncPfRules.Broadcast, step =>
            step is not { Operation: AsyncPfOp.MoveToNewVm, Seen: AsyncPfSeen.Done } || !IsEnabling(step.From.Vcpus[0].Enable)
            || step.To.Vcpus[0].WakeAll == WakeAll.MustCome),
        new("broadcast-is-not-forgotten", AsyncPfRules.Broadcast, OfVcpu(at =>
            at.Before.WakeAll != WakeAll.MustCome || at.After.WakeAll == WakeAll.MustCome
            || at.Step.Seen is AsyncPfSeen.Ready { Token.Value: uint.MaxValue } || EndsDisabling(at.Step))),
    ];

    private static IReadOnlyList<Property> Liveness =>
    [
        new("owed-ready-comes", AsyncPfRules.ReadyInTime, OfVcpu(at =>
            !OwesReady(at.Before) || IsBlocked(at) || at.Step.Seen is not AsyncPfSeen.Nothing)),
        new("idling-takes-what-is-owed", AsyncPfRules.ReadyInTime, OfVcpu(at =>
            at.Doing.Kind != ActivityKind.Idling || !OwesReady(at.Before) || IsBlocked(at)
            || at.Step.Seen is AsyncPfSeen.Ready or AsyncPfSeen.AtPager)),
        new("page-that-is-there-ends-the-wait", AsyncPfRules.MustComplete, OfVcpu(at =>
            at.Doing.Kind != ActivityKind.Touching || IsMissing(at.Step.From, at.Doing.Page) || IsBlocked(at)
            || at.Step.Seen is AsyncPfSeen.Completed or AsyncPfSeen.Mmio or AsyncPfSeen.Ready or AsyncPfSeen.AtPager)),
    ];

    /// <summary>The vCPU's own thread waits for the pager: nothing can come before its page does. Masked guests take nothing either.</summary>
    private static bool IsBlocked(VcpuStep at) =>
        (at.Before.AtPager is { } page && IsMissing(at.Step.From, page))
        || at.Doing.Kind is ActivityKind.Disabling or ActivityKind.Answering
        || at.Doing is { Kind: ActivityKind.Touching, Mode.Interrupts: false } && IsMissing(at.Step.From, at.Doing.Page);

    private static bool MustFault(AsyncPfModel model, AsyncPfOp.WriteMsr write) => write.Msr switch
    {
        AsyncPfMsr.Enable => (write.Value & 0x30) != 0
            || (IsEnabling(write.Value) && write.Value / Gfn.PageSize >= model.Setup.FirstPaged.Value + (ulong)model.Setup.PagedCount),
        AsyncPfMsr.Interrupt => write.Value > 0xff,
        _ => false,
    };

    /// <summary>Every fault for which <paramref name="matters"/> is still known after the step, unless it was cancelled with all others.</summary>
    private static bool Keeps(Step step, Func<AsyncFault, bool> matters)
    {
        if (EndsDisabling(step) || step.Seen is AsyncPfSeen.Destroyed || step is { Operation: AsyncPfOp.MoveToNewVm, Seen: AsyncPfSeen.Done })
            return true;
        for (var id = 0; id < step.From.Vcpus.Count; id++)
            foreach (ref readonly var fault in step.From.Vcpus[id].Faults.AsSpan())
            {
                var (page, token) = (fault.Page, fault.Token);
                if (matters(fault) && !Any(step.To.Vcpus[id], kept => kept.Page == page && kept.Token == token))
                    return false;
            }
        return true;
    }
}
