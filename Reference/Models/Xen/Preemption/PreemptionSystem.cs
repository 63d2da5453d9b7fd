using HvLab.Reference.Models.Exploration;
using static HvLab.Reference.Models.Xen.Preemption.CallerPhase;

namespace HvLab.Reference.Models.Xen.Preemption;

public enum PreemptionAct { Calls, CallsAgain, Tampers, ChecksArguments, RefusesArguments, BreaksOff, ReadLocks, TakesLock, DoesExtent, Unlocks, Finishes, WritesStatus, RunsTaskForOther, EntersGuest, EntersScheduler, Switches, RunsTask, GivesBack, WantsLock, OtherTakesLock, OtherUnlocks, Retires, Interrupts, InterruptsGuest, RaisesSoftirq, QueuesTask }

/// <param name="By">Who acts; interrupts come from the devices.</param>
public readonly record struct PreemptionStep(PreemptionAct Act, PreemptionActor By, byte Argument);

public enum PreemptionActor : byte { Caller, Other, Xen, Devices }

/// <summary>A hypercall over several extents on one physical CPU that others want as well.</summary>
internal sealed partial class PreemptionSystem(PreemptionTrait traits, int extents) : ISystem<PreemptionState, PreemptionStep>
{
    public PreemptionState Start => default;

    private bool Has(PreemptionTrait trait) => (traits & trait) != 0;

    public void Next(PreemptionState state, Successors<PreemptionState, PreemptionStep> next)
    {
        if (state.OutOfBounds || state.Nested)
            return;
        if (state.SwitchingTo is { } to)
        {
            next.Add(new(PreemptionAct.Switches, PreemptionActor.Xen, 0), Switch(state, to));
            if (Has(PreemptionTrait.SchedulerIsPreempted))
                next.Add(new(PreemptionAct.Interrupts, PreemptionActor.Devices, 0), state with { Nested = true });
            return;
        }
        switch (state.Running)
        {
            case OnCpu.Caller:
                NextOfCaller(state, next);
                NextOfDevices(state, next);
                break;
            case OnCpu.Other:
                NextOfOther(state, next);
                break;
            default:
                next.Add(new(PreemptionAct.RunsTask, PreemptionActor.Xen, 0), Schedule(state with { Task = false }, OnCpu.Caller));
                break;
        }
    }

    private void NextOfCaller(PreemptionState state, Successors<PreemptionState, PreemptionStep> next)
    {
        void Add(PreemptionAct act, PreemptionState then, int argument = 0) => next.Add(new(act, PreemptionActor.Caller, (byte)argument), then);
        switch (state.Phase)
        {
            case Before:
                Add(PreemptionAct.Calls, state with { Phase = Enters });
                break;
            case Again:
                Add(PreemptionAct.CallsAgain, state with { Phase = Enters, GuestInterrupt = false });
                for (var argument = 0; argument <= extents + 1 && !state.Tampered; argument++)
                    if (argument != state.Argument)
                        Add(PreemptionAct.Tampers, state with { Argument = argument, Tampered = true }, argument);
                break;
            case Enters when state.Argument > extents && !Has(PreemptionTrait.TrustsArguments):
                Add(PreemptionAct.RefusesArguments, state with { Phase = Leaves, HasStatus = true });
                break;
            case Enters:
                Add(PreemptionAct.ChecksArguments, state with { Phase = Boundary, Index = state.Argument, Argument = 0 });
                break;
            case Boundary when Has(PreemptionTrait.Continues) && (state.Reschedule || state.GuestInterrupt || state.Softirq):
                Add(PreemptionAct.BreaksOff, BreakOff(state), state.Index);
                break;
            case Boundary when state.Index == extents:
                Add(PreemptionAct.Finishes, state with { Phase = Finishes });
                break;
            case Boundary:
                Add(PreemptionAct.ReadLocks, state with { Phase = Reads, ReadsOld = state.Object == RcuObject.Current });
                break;
            case Reads when state.Other != OtherPhase.HoldsLock:
                Add(PreemptionAct.TakesLock, state with { Phase = Locked, CallerHoldsLock = true });
                break;
            case Locked when state.Index >= extents:
                Add(PreemptionAct.DoesExtent, state with { OutOfBounds = true }, state.Index);
                break;
            case Locked:
                Add(PreemptionAct.DoesExtent, state.WithEffect(state.Index) with { Phase = Worked }, state.Index);
                break;
            case Worked:
                Add(PreemptionAct.Unlocks, LeaveAtomic((state with { Phase = Boundary, CallerHoldsLock = false, ReadsOld = false, Index = state.Index + 1 }).Aged()));
                break;
            case Finishes:
                Add(PreemptionAct.WritesStatus, state with { Phase = Leaves, HasStatus = true });
                break;
            case Leaves when state.Task:
                if (Has(PreemptionTrait.Threads))
                    Add(PreemptionAct.EntersScheduler, Schedule(state, OnCpu.Thread));
                else
                    Add(PreemptionAct.RunsTaskForOther, state with { Task = false });
                break;
            case Leaves:
                Add(PreemptionAct.EntersGuest, Leave(state));
                break;
        }
    }

    // What interrupts bring, whatever the caller is doing; nobody is obliged to send one.
    private void NextOfDevices(PreemptionState state, Successors<PreemptionState, PreemptionStep> next)
    {
        if (!state.CallerIsInXen)
            return;
        if (!state.Reschedule)
            next.Add(new(PreemptionAct.Interrupts, PreemptionActor.Devices, 0),
                Has(PreemptionTrait.Preempts) && !IsAtomic(state.Phase) ? Preempt(state) : state with { Reschedule = true });
        if (!state.GuestInterrupt)
            next.Add(new(PreemptionAct.InterruptsGuest, PreemptionActor.Devices, 0), state with { GuestInterrupt = true });
        if (!state.Softirq)
            next.Add(new(PreemptionAct.RaisesSoftirq, PreemptionActor.Devices, 0), state with { Softirq = true });
        if (!state.Task)
            next.Add(new(PreemptionAct.QueuesTask, PreemptionActor.Devices, 0), state with { Task = true });
    }

    private static void NextOfOther(PreemptionState state, Successors<PreemptionState, PreemptionStep> next)
    {
        void Add(PreemptionAct act, PreemptionState then) => next.Add(new(act, PreemptionActor.Other, 0), then);
        switch (state.Other)
        {
            case OtherPhase.InGuest:
                Add(PreemptionAct.GivesBack, Schedule(state, OnCpu.Caller));
                Add(PreemptionAct.WantsLock, state with { Other = OtherPhase.WantsLock });
                if (state.Object == RcuObject.Current)
                    Add(PreemptionAct.Retires, state with { Object = RcuObject.Retired });
                break;
            case OtherPhase.WantsLock when !state.CallerHoldsLock:
                Add(PreemptionAct.OtherTakesLock, state with { Other = OtherPhase.HoldsLock });
                break;
            case OtherPhase.HoldsLock:
                Add(PreemptionAct.OtherUnlocks, state with { Other = OtherPhase.InGuest });
                break;
        }
    }

    private PreemptionState BreakOff(PreemptionState state)
    {
        if (Has(PreemptionTrait.FirstIterationSucceeds) && state.Index == 0)
            return state with { Phase = Leaves };
        var argument = Has(PreemptionTrait.CountsOneTwice) ? Math.Max(state.Index - 1, 0)
            : Has(PreemptionTrait.SkipsOne) ? Math.Min(state.Index + 1, extents)
            : state.Index;
        return state with { Phase = Leaves, Index = 0, Argument = argument, WillRepeat = !Has(PreemptionTrait.ForgetsProgramCounter) };
    }

    private bool IsAtomic(CallerPhase phase) => phase switch
    {
        Reads => !Has(PreemptionTrait.PreemptsReaders),
        Locked or Worked => !Has(PreemptionTrait.PreemptsLockHolders),
        _ => false,
    };

    private PreemptionState LeaveAtomic(PreemptionState state) =>
        Has(PreemptionTrait.Preempts) && !Has(PreemptionTrait.ForgetsAfterAtomic) && (state.Reschedule || (state.Softirq && Has(PreemptionTrait.PreemptsForSoftirqs)))
            ? Preempt(state) : state;

    // try_preempt()
    private PreemptionState Preempt(PreemptionState state) =>
        Schedule(Has(PreemptionTrait.PreemptsForSoftirqs) ? state with { Softirq = false } : state, OnCpu.Other);

    // leave_hypervisor(): softirqs, then whoever should run, then the guest with its interrupts.
    private static PreemptionState Leave(PreemptionState state)
    {
        var left = state with { Softirq = false, Phase = state.WillRepeat ? Again : Done, WillRepeat = false, Index = 0 };
        return state.Reschedule ? Schedule(left, OnCpu.Other) : left with { GuestInterrupt = false };
    }

    private static PreemptionState Schedule(PreemptionState state, OnCpu next) => state with { SwitchingTo = next };

    // A context switch is a quiescent state of this physical CPU.
    private static PreemptionState Switch(PreemptionState state, OnCpu to) => state with
    {
        Running = to,
        SwitchingTo = null,
        Reschedule = false,
        Object = state.Object == RcuObject.Retired ? RcuObject.Freed : state.Object,
    };
}
