using HvLab.Reference.Xen;

namespace HvLab.Reference.Models.Xen;

using Property = Property<PagingModel, PagingOp, PagingSeen>;
using Step = Transition<PagingModel, PagingOp, PagingSeen>;

// Requests, slots, and the vCPUs that wait for either.
public static partial class PagingProperties
{
    private static IReadOnlyList<Property> Requests =>
    [
        new("who-sleeps-has-asked", PagingRules.Stopped, step => EachVcpu(step, (_, before, after, id) =>
            after.Rouse != Rouse.Paused || before.Rouse == Rouse.Paused || HasRequest(step.To, id)
            || step is { Operation: PagingOp.Detach, Seen: PagingSeen.Done })), // requests go with their ring
        new("evict-fail-is-told", PagingRules.EvictWillFail, step =>
            Each(step.To.InRing, request => request.Way != PageWay.PagingOut || request.EvictFailed)
            && (step.Seen is not PagingSeen.Request { Way: PageWay.PagingOut } seen || seen.EvictFailed)),
        new("what-is-on-its-way-is-not-asked-for-again", PagingRules.OnlyPagingOut, step => EachVcpu(step, (_, before, after, id) =>
            after.Rouse != Rouse.Paused || before.Rouse != Rouse.Awake || after.Now.Kind is WorkKind.Release || AskedOnTheWayOut(step.To, id))),
        new("the-ring-never-overflows", PagingRules.Reserved, step =>
            step.To.InRing.Count + step.To.Taken.Count <= step.To.Setup.Slots + step.To.ExtraSlots),
    ];

    private static IReadOnlyList<Property> Sleepers =>
    [
        new("only-the-named-resumes", PagingRules.NamedVcpu, step => EachVcpu(step, (operation, before, after, id) =>
            before.Rouse != Rouse.Paused || after.Rouse == Rouse.Paused || operation switch
            {
                PagingOp.Respond op => op.Vcpu == id,
                PagingOp.RespondForPredecessor op => op.Vcpu == id,
                _ => false,
            })),
        new("the-ring-outlives-its-sleepers", PagingRules.SleepersKeepRing, step => step.To.Queue.Count == 0 || step.To.Pager != Pager.None),
        new("a-free-slot-wakes-a-sleeper", PagingRules.KickWaiters, step =>
            step.To.Queue.Count == 0
            || step.To.Setup.Slots + step.To.ExtraSlots - step.To.InRing.Count - step.To.Taken.Count <= Number(step.To.Vcpus, vcpu => vcpu.Rouse == Rouse.Woken)),
        new("sleepers-wake-in-order", PagingRules.QueueOrder, step =>
        {
            var stays = false;
            foreach (var vcpu in step.From.Queue.AsSpan())
                if (step.To.Queue.Contains(vcpu))
                    stays = true;
                else if (stays && step.To.Life == DomainLife.Alive)
                    return false;
            return true;
        }),
    ];

    private static bool HasRequest(PagingModel model, VcpuId vcpu) => RequestsOf(model, vcpu).Count > 0;

    private static bool AskedOnTheWayOut(PagingModel model, VcpuId vcpu) =>
        RequestsOf(model, vcpu) is var requests && (requests.Count == 0 || requests[^1].Way is PageWay.PagingOut or PageWay.Paged);

    private static ValueList<PagingSeen.Request> RequestsOf(PagingModel model, VcpuId vcpu) =>
        model.Taken.AddRange(model.InRing).Where(request => request.VcpuPaused && request.Vcpu == vcpu);

    private static bool EachVcpu(Step step, Func<PagingOp, PagingVcpu, PagingVcpu, VcpuId, bool> holds)
    {
        if (step.To.Life == DomainLife.Destroyed)
            return true;
        for (var vcpu = 0; vcpu < step.From.Vcpus.Count; vcpu++)
            if (!holds(step.Operation, step.From.Vcpus[vcpu], step.To.Vcpus[vcpu], new(vcpu)))
                return false;
        return true;
    }
}
