using HvLab.Reference.Models.Exploration;
using static HvLab.Reference.Models.Kvm.AsyncPfGuest.TaskPhase;

namespace HvLab.Reference.Models.Kvm.AsyncPfGuest;

public enum GuestAct { Touches, Yields, Switches, ReadsReason, LooksUp, Prepares, Checks, Schedules, Leaves, Ticks, ReadsReadyReason, FindsNode, LooksForSleeper, Unlocks, PageArrives, DeliversReady, DeliversBroadcast, Moves, SwitchesMode, Evicts, RunsOutOfMemory }

/// <param name="Vcpu">Where; <see cref="GuestState.MaxVcpus"/> for the host.</param>
public readonly record struct GuestStep(GuestAct Act, byte Vcpu, byte Task);

/// <summary>Tasks that touch pages which the host has swapped out; the guest's table of who waits for which token; the host's bound, READY and broadcast.</summary>
internal sealed partial class GuestSystem(GuestTrait traits, int vcpus, int tasks, int bound) : ISystem<GuestState, GuestStep>
{
    private const int Host = GuestState.MaxVcpus;

    private bool Has(GuestTrait trait) => (traits & trait) != 0;

    public GuestState Start
    {
        get
        {
            var state = default(GuestState);
            for (var vcpu = 0; vcpu < GuestState.MaxVcpus; vcpu++)
                state = state.WithCurrent(vcpu, GuestState.Idle);
            return state;
        }
    }

    /// <summary>The first vCPU has two tasks, so that one can run while the other waits; the second has what is left.</summary>
    internal static int HomeOf(int task, int vcpus) => Math.Min(task / 2, vcpus - 1);

    private int HomeOf(int task) => HomeOf(task, vcpus);

    public void Next(GuestState state, Successors<GuestState, GuestStep> next)
    {
        if (state.UsedDeadNode || state.Confused)
            return;
        for (var vcpu = 0; vcpu < vcpus; vcpu++)
            if (state.Waker(vcpu) != WakerPhase.None)
                NextOfWaker(state, vcpu, next);
            else if (state.Current(vcpu) is var task && task != GuestState.Idle)
                NextOfTask(state, vcpu, task, next);
            else
                NextOfScheduler(state, vcpu, next);
        NextOfHost(state, next);
    }

    private void NextOfScheduler(GuestState state, int vcpu, Successors<GuestState, GuestStep> next)
    {
        for (var task = 0; task < tasks; task++)
            if (HomeOf(task) == vcpu && IsRunnable(state, task))
                next.Add(Step(GuestAct.Switches, vcpu, task), state.WithCurrent(vcpu, task)
                    .WithPhase(task, state.Phase(task) == Woken ? Prepares : state.Phase(task)));
    }

    // A task that waits for its page without the guest's knowledge would only halt the vCPU again.
    private static bool IsRunnable(GuestState state, int task) => state.Phase(task) is Runs or Woken
        || (state.Phase(task) == SwitchedAway && state.Page(task) == PageState.Present);

    private void NextOfTask(GuestState state, int vcpu, int task, Successors<GuestState, GuestStep> next)
    {
        switch (state.Phase(task))
        {
            case Runs:
                // Where a fault may be asynchronous interrupts are enabled: one that is pending comes first.
                if (state.Page(task) != PageState.Present && (!state.OwesBroadcast(vcpu) || Has(GuestTrait.BroadcastsLate)))
                    next.Add(Step(GuestAct.Touches, vcpu, task), Touch(state, vcpu, task));
                next.Add(Step(GuestAct.Yields, vcpu, task), state.WithCurrent(vcpu, GuestState.Idle));
                break;
            case SwitchedAway:
                next.Add(Step(GuestAct.Checks, vcpu, task), state.WithPhase(task, Runs));
                break;
            case Faulted:
                next.Add(Step(GuestAct.ReadsReason, vcpu, task), state.Slot(vcpu) == Reason.NotPresent
                    ? state.WithSlot(vcpu, Reason.None, 0).WithPhase(task, LooksUp)
                    : state with { Confused = true });
                break;
            case LooksUp when state.LockOwner == 0:
                next.Add(Step(GuestAct.LooksUp, vcpu, task), LookUp(state, task));
                break;
            case Prepares:
                next.Add(Step(GuestAct.Prepares, vcpu, task), state.WithQueued(task, true).WithPhase(task, Checks));
                break;
            case Checks:
                next.Add(Step(GuestAct.Checks, vcpu, task), state.WithPhase(task, state.Node(task) == Node.Unhashed && !state.IsBuffered(task) ? Leaves : GoesToSleep));
                break;
            case GoesToSleep:
                // Taken off the queue meanwhile: the scheduler sees a running task and returns.
                next.Add(Step(GuestAct.Schedules, vcpu, task), state.IsQueued(task)
                    ? state.WithPhase(task, Asleep).WithCurrent(vcpu, GuestState.Idle)
                    : state.WithPhase(task, Prepares));
                break;
            case Leaves when !Has(GuestTrait.LeavesUnderLock) || state.LockOwner == 0:
                next.Add(Step(GuestAct.Leaves, vcpu, task), state.WithNode(task, Node.None).WithQueued(task, false).WithPhase(task, Runs));
                break;
            case Halted when state.Page(task) == PageState.Present:
                next.Add(Step(GuestAct.Checks, vcpu, task), state.WithPhase(task, Runs));
                break;
            case HaltedWithInterrupts when state.Page(task) == PageState.Present:
                next.Add(Step(GuestAct.Checks, vcpu, task), state.WithPhase(task, Runs));
                break;
            case HaltedWithInterrupts when !Has(GuestTrait.Dyntick):
                next.Add(Step(GuestAct.Ticks, vcpu, task), state.WithPhase(task, SwitchedAway).WithCurrent(vcpu, GuestState.Idle));
                break;
        }
    }

    private GuestState Touch(GuestState state, int vcpu, int task)
    {
        if (state.Page(task) == PageState.Missing)
            state = state.WithPage(task, PageState.Loading);
        if (Has(GuestTrait.NotParavirtual))
            return state.WithPhase(task, HaltedWithInterrupts);
        var most = bound + (Has(GuestTrait.BoundOffByOne) ? 1 : 0);
        if (state.Slot(vcpu) != Reason.None || PoolIsUsed(state) || Outstanding(state, vcpu) >= most || state.IsOutstanding(task) || state.OwesReady(task)
            || state.Dummy(task) != 0 || IsBeingWoken(state, task)) // A new fault would have a new token; with this one it can only wait.
            return state.WithPhase(task, Halted);
        return state.WithOutstanding(task, true).WithSlot(vcpu, Reason.NotPresent, task).WithPhase(task, Faulted);
    }

    private GuestState LookUp(GuestState state, int task)
    {
        if (state.Dummy(task) == 0)
            return state.WithNode(task, Node.Hashed).WithPhase(task, Prepares);
        for (var vcpu = 0; vcpu < vcpus; vcpu++)
            if (state.Pool(vcpu) == task + 1)
                state = state.WithPool(vcpu, 0);
        return (Has(GuestTrait.KeepsDummy) ? state : state.WithDummy(task, 0)).WithPhase(task, Runs);
    }

    private bool IsBeingWoken(GuestState state, int task)
    {
        for (var vcpu = 0; vcpu < vcpus; vcpu++)
            if (state.Waker(vcpu) != WakerPhase.None && state.WakerToken(vcpu) == task)
                return true;
        return false;
    }

    private bool PoolIsUsed(GuestState state)
    {
        for (var vcpu = 0; vcpu < vcpus; vcpu++)
            if (state.Pool(vcpu) != 0)
                return true;
        return false;
    }

    private int Outstanding(GuestState state, int vcpu) => OutstandingOn(state, vcpu, vcpus, tasks);

    /// <summary>Faults that a vCPU was told of and that the host still has in its queue.</summary>
    internal static int OutstandingOn(GuestState state, int vcpu, int vcpus, int tasks)
    {
        var count = 0;
        for (var task = 0; task < tasks; task++)
            count += HomeOf(task, vcpus) == vcpu && state.IsOutstanding(task) ? 1 : 0;
        return count;
    }

    private static GuestStep Step(GuestAct act, int vcpu, int task = 0) => new(act, (byte)vcpu, (byte)task);
}
