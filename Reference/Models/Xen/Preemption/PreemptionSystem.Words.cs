using HvLab.Reference.Models.Exploration;
using static HvLab.Reference.Models.Xen.Preemption.CallerPhase;

namespace HvLab.Reference.Models.Xen.Preemption;

// Steps in words.
internal sealed partial class PreemptionSystem
{
    internal const string Caller = "caller", Other = "other domain", Xen = "Xen", Devices = "devices";

    public StepText Tell(PreemptionState from, PreemptionStep step, PreemptionState to)
    {
        var (operation, on) = step.Act switch
        {
            PreemptionAct.Calls => ($"makes a hypercall over {extents} extents", Xen),
            PreemptionAct.CallsAgain => ($"handles its interrupts and makes the call again, from extent {from.Argument}", Xen),
            PreemptionAct.Tampers => ($"changes the continuation's argument to {step.Argument}", (string?)null),
            PreemptionAct.ChecksArguments => ($"enters the call at extent {to.Index}", null),
            PreemptionAct.RefusesArguments => ("is refused: there is no such extent", null),
            PreemptionAct.BreaksOff => (to.WillRepeat ? $"breaks off before extent {step.Argument}: arguments rewritten to {to.Argument}, program counter moved back"
                : $"breaks off before extent {step.Argument} and returns as if all were done", null),
            PreemptionAct.ReadLocks => ("begins an RCU read side", null),
            PreemptionAct.TakesLock => ("takes the lock", null),
            PreemptionAct.DoesExtent => ($"does extent {step.Argument}{(step.Argument >= extents ? ", beyond the end" : "")}", null),
            PreemptionAct.Unlocks => (to.SwitchingTo is not null ? "drops the lock, ends its read side and is preempted there" : "drops the lock and ends its read side", null),
            PreemptionAct.Finishes => ("has no extent left", null),
            PreemptionAct.WritesStatus => ("writes the status", null),
            PreemptionAct.RunsTaskForOther => ("does the hypervisor's work for the other domain, in its own time", Other),
            PreemptionAct.EntersGuest => (to.Phase == Done ? "is back in its guest, behind the call" : "is back in its guest, on the call", null),
            PreemptionAct.EntersScheduler => ("enters the scheduler", Xen),
            PreemptionAct.Switches => ($"switches to {Name(to.Running)}", to.Running == OnCpu.Thread ? null : Name(to.Running)),
            PreemptionAct.RunsTask => ("does its work for the other domain, in time of its own", Other),
            PreemptionAct.GivesBack => ("has used its time", Xen),
            PreemptionAct.WantsLock => (from.CallerHoldsLock ? "makes a hypercall and spins for the lock" : "makes a hypercall that needs the lock", Xen),
            PreemptionAct.OtherTakesLock => ("takes the lock", null),
            PreemptionAct.OtherUnlocks => ("drops the lock and leaves", null),
            PreemptionAct.Retires => ("replaces the object that RCU protects; the old one goes after a grace period", Xen),
            PreemptionAct.Interrupts => (to.Nested ? "interrupt: the scheduler is entered while it is at it"
                : to.SwitchingTo is not null ? $"interrupt {Where(from.Phase)}: the vCPU is preempted there" : $"interrupt {Where(from.Phase)}: somebody else should run", Xen),
            PreemptionAct.InterruptsGuest => ("interrupt for the calling guest: its timer", Xen),
            PreemptionAct.RaisesSoftirq => ("interrupt that raises a softirq", Xen),
            _ => ("interrupt that gives the hypervisor work for the other domain", Xen),
        };
        return new(step.By switch
        {
            PreemptionActor.Caller => Caller,
            PreemptionActor.Other => Other,
            PreemptionActor.Xen => Xen,
            _ => Devices,
        }, operation, Belief.Changes(Beliefs(from), Beliefs(to)), on);
    }

    private static string Name(OnCpu who) => who switch { OnCpu.Caller => Caller, OnCpu.Other => Other, _ => "a thread of the hypervisor" };

    private static string Where(CallerPhase phase) => phase switch
    {
        Reads => "in the RCU read side",
        Locked or Worked => "with the lock held",
        _ => "outside atomic sections",
    };

    private IEnumerable<Belief> Beliefs(PreemptionState state)
    {
        var done = string.Join(", ", Enumerable.Range(0, extents).Where(extent => state.Effect(extent) > 0)
            .Select(extent => state.Effect(extent) > 1 ? $"{extent} (twice)" : $"{extent}"));
        yield return new("extents", done.Length == 0 ? "none done" : $"done: {done}");
        if (state.Phase == Done)
            yield return new(Caller, state.HasStatus ? "believes the status it reads" : "believes that all is done; its status was never written");
        if (state.Reschedule)
            yield return new(Xen, $"somebody else should run{Age(state.RescheduleAge)}");
        if (state.GuestInterrupt)
            yield return new(Caller, $"its guest has an interrupt that it has not seen{Age(state.GuestAge)}");
        if (state.Softirq)
            yield return new(Xen, $"a softirq is pending{Age(state.SoftirqAge)}");
        if (state.CallerHoldsLock && state.Running == OnCpu.Other)
            yield return new("lock", "held by the caller, which does not run");
        if (state.ReadsOld && state.Object != RcuObject.Current)
            yield return new(Caller, $"reads an object that is {(state.Object == RcuObject.Freed ? "freed" : "about to be freed")}");
    }

    private static string Age(int extentsSince) => extentsSince == 0 ? "" : $", for {(extentsSince == PreemptionState.MaxAge ? "two extents or more" : "an extent")}";
}
