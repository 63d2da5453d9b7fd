using HvLab.Reference.Models.Exploration;

namespace HvLab.Reference.Models.Xen.Preemption;

using Always = Always<PreemptionState, PreemptionStep>;
using EachStep = EachStep<PreemptionState, PreemptionStep>;

/// <summary>Xen on Arm, 2021: may a vCPU be switched away inside the hypervisor, and are continuations still needed?</summary>
public sealed class PreemptionModel : DesignModel<PreemptionState, PreemptionStep>
{
    public override string Name => "preemption";
    public override string Summary => "a long hypercall, interrupts, a lock, RCU and the scheduler on one physical CPU: continuations against full preemption";
    public override string OutOfScope =>
        "several physical CPUs, priorities, nested preempt counts (a lock and a read side are two levels), calls that cannot be continued at all, and lock order";

    public override IReadOnlyList<Design> Designs { get; } = [.. PreemptionDesigns.All.Select(design => design.Design)];

    public override IReadOnlyList<Bound> Bounds { get; } = [new("extents", 3, 1, PreemptionState.MaxExtents, "parts of the long call")];

    public override IReadOnlyList<string> ActorsOf(Bounds bounds) => [PreemptionSystem.Caller, PreemptionSystem.Xen, PreemptionSystem.Other, PreemptionSystem.Devices];

    public override ISystem<PreemptionState, PreemptionStep> SystemOf(Design design, Bounds bounds) =>
        new PreemptionSystem(PreemptionDesigns.All.Single(known => known.Design == design).Traits, bounds["extents"]);

    public override IReadOnlyList<Claim<PreemptionState, PreemptionStep>> ClaimsOf(Bounds bounds)
    {
        var extents = bounds["extents"];
        return
        [
            new Always("transparent", Said("The hypercalls should be preempted at a boundary that is safe to continue."),
                state => state.Tampered || state.Phase != CallerPhase.Done || (state.HasStatus && EachOnce(state, extents))),
            new Always("stays-in-bounds", Said("Why is it a problem to rely on guest's good will?"), state => !state.OutOfBounds),
            new Always("preempts-in-time", Said("More controllable latency. On embedded systems customers care about such things."), state => state.RescheduleAge <= 1),
            new Always("guest-is-not-stalled", Said("If you don't return to the guest, then risk to get an RCU sched stall on that the vCPU (some hypercalls can take really really long)."), state => state.GuestAge <= 1),
            new Always("softirqs-run", Said("But how about softirqs? Don't we want to handle them in try_preempt() as well?"), state => state.SoftirqAge <= 1),
            new EachStep("time-is-charged-right", Said("scheduler does not know that hypervisor executes hypervisor task and accounts spent time to a domain. This can lead to domain starvation."),
                (_, step, _) => step.Act != PreemptionAct.RunsTaskForOther),
            new Always("no-lock-holder-preempted", Said("Problem is that IRQ handler can be called when vCPU is already in atomic state (holding spinlock, for example)."),
                state => !(state.CallerHoldsLock && state.Running == OnCpu.Other)),
            new Always("rcu-protects-readers", new("Not even RCU read locks are allowed.", "Andres Lagar-Cavilla, Re: [Xen-devel] Wait Queues, 2012-11"),
                state => !(state.ReadsOld && state.Object == RcuObject.Freed)),
            new Always("scheduler-is-atomic", Said("Scheduler now enters atomic state to ensure that it will not preempt self."), state => !state.Nested),
            // 0: the call; 1: the other domain in front of the lock.
            new Wakes<PreemptionState, PreemptionStep>("calls-end", Said("which will allow hypervisor to continue hypercall execution later."), 2,
                (state, who) => !state.OutOfBounds && !state.Nested
                    && (who == 0 ? state.Phase is not (CallerPhase.Before or CallerPhase.Done) : state.Other == OtherPhase.WantsLock),
                (_, step) => step.By != PreemptionActor.Devices
                    && step.Act is not (PreemptionAct.Calls or PreemptionAct.Tampers or PreemptionAct.WantsLock or PreemptionAct.Retires)),
        ];
    }

    private static bool EachOnce(PreemptionState state, int extents)
    {
        for (var extent = 0; extent < extents; extent++)
            if (state.Effect(extent) != 1)
                return false;
        return true;
    }

    private static Rule Said(string text) => new(text, PreemptionDesigns.Mail);
}
