using HvLab.Reference.Models.Exploration;
using static HvLab.Reference.Models.Kvm.AsyncPfGuest.TaskPhase;

namespace HvLab.Reference.Models.Kvm.AsyncPfGuest;

// READY: how the host sends it, and what its handler does.
internal sealed partial class GuestSystem
{
    private void NextOfWaker(GuestState state, int vcpu, Successors<GuestState, GuestStep> next)
    {
        var token = state.WakerToken(vcpu);
        switch (state.Waker(vcpu))
        {
            case WakerPhase.Reads:
                next.Add(Step(GuestAct.ReadsReadyReason, vcpu, token), state.WithSlot(vcpu, Reason.None, 0).WithWaker(vcpu, WakerPhase.Finds, token));
                break;
            case WakerPhase.Finds when state.LockOwner == 0 && token == GuestState.Broadcast:
                next.Add(Step(GuestAct.FindsNode, vcpu, token), WakeAll(state, vcpu).WithWaker(vcpu, WakerPhase.None, 0));
                break;
            case WakerPhase.Finds when state.LockOwner == 0:
                if (Find(state, vcpu, token) is { } found)
                {
                    next.Add(Step(GuestAct.FindsNode, vcpu, token), found);
                    // A store buffer may also drain at once.
                    if (state.Node(token) == Node.Hashed && !Has(GuestTrait.Barrier))
                        next.Add(Step(GuestAct.FindsNode, vcpu, token), found.WithBuffered(token, false));
                }
                break;
            case WakerPhase.LooksForSleeper:
                next.Add(Step(GuestAct.LooksForSleeper, vcpu, token), LookForSleeper(state, token).WithWaker(vcpu, WakerPhase.Unlocks, token));
                break;
            case WakerPhase.Unlocks:
                next.Add(Step(GuestAct.Unlocks, vcpu, token), (state.WithBuffered(token, false) with { LockOwner = 0 }).WithWaker(vcpu, WakerPhase.None, 0));
                break;
        }
    }

    // Null while the waker spins for memory.
    private GuestState? Find(GuestState state, int vcpu, int token)
    {
        if (state.Node(token) == Node.Hashed)
            return (state.WithNode(token, Node.Unhashed).WithBuffered(token, !Has(GuestTrait.Barrier)) with { LockOwner = vcpu + 1 })
                .WithWaker(vcpu, WakerPhase.LooksForSleeper, token);
        var done = state.WithWaker(vcpu, WakerPhase.None, 0);
        if (Has(GuestTrait.WithoutDummy) || state.Dummy(token) != 0)
            return done;
        if (!state.MemoryGone)
            return done.WithDummy(token, vcpu + 1);
        if (Has(GuestTrait.EmergencyPool) && state.Pool(vcpu) == 0)
            return done.WithDummy(token, vcpu + 1).WithPool(vcpu, token + 1);
        return Has(GuestTrait.BusyWaits) ? null : done;
    }

    private static GuestState LookForSleeper(GuestState state, int task)
    {
        if (state.Node(task) == Node.None)
            return state with { UsedDeadNode = true };
        return state.IsQueued(task) ? Wake(state, task) : state;
    }

    private static GuestState Wake(GuestState state, int task) =>
        state.WithQueued(task, false).WithPhase(task, state.Phase(task) == Asleep ? Woken : state.Phase(task));

    // Under the lock throughout; each vCPU wakes those whose fault it took, and takes its own dummies out.
    private GuestState WakeAll(GuestState state, int vcpu)
    {
        for (var task = 0; task < tasks; task++)
        {
            if (state.Node(task) == Node.Hashed && (HomeOf(task) == vcpu || Has(GuestTrait.BroadcastsToOne)))
                state = Wake(state.WithNode(task, Node.Unhashed), task);
            if (state.Dummy(task) == vcpu + 1)
                state = state.WithDummy(task, 0).WithPool(vcpu, state.Pool(vcpu) == task + 1 ? 0 : state.Pool(vcpu));
        }
        return state;
    }

    private void NextOfHost(GuestState state, Successors<GuestState, GuestStep> next)
    {
        for (var task = 0; task < tasks; task++)
        {
            if (state.Page(task) == PageState.Loading)
                next.Add(Step(GuestAct.PageArrives, Host, task), state.WithPage(task, PageState.Present)
                    .WithOwesReady(task, state.IsOutstanding(task) || (Has(GuestTrait.ReadyForSynchronous) && state.Phase(task) == Halted)));
            if (state.OwesReady(task))
                for (var vcpu = 0; vcpu < vcpus; vcpu++)
                    if ((vcpu == HomeOf(task) || Has(GuestTrait.OtherVcpu)) && CanInterrupt(state, vcpu)
                        // The broadcast was queued first.
                        && (!state.OwesBroadcast(vcpu) || Has(GuestTrait.BroadcastsLate)))
                        next.Add(Step(GuestAct.DeliversReady, vcpu, task), state.WithOwesReady(task, false).WithOutstanding(task, false)
                            .WithSlot(vcpu, Reason.Ready, task).WithWaker(vcpu, WakerPhase.Reads, task));
            if (state.Page(task) == PageState.Present && state.Phase(task) == Runs && !state.OwesReady(task))
                next.Add(Step(GuestAct.Evicts, Host, task), state.WithPage(task, PageState.Missing));
        }
        for (var vcpu = 0; vcpu < vcpus; vcpu++)
            if (state.OwesBroadcast(vcpu) && CanInterrupt(state, vcpu))
                next.Add(Step(GuestAct.DeliversBroadcast, vcpu), state.WithOwesBroadcast(vcpu, false)
                    .WithSlot(vcpu, Reason.Ready, GuestState.Broadcast).WithWaker(vcpu, WakerPhase.Reads, GuestState.Broadcast));
        if (!state.Moved && !Has(GuestTrait.NotParavirtual))
            next.Add(Step(Has(GuestTrait.ClearsOnModeSwitch) ? GuestAct.SwitchesMode : GuestAct.Moves, Host), Forget(state));
        if (!state.MemoryGone)
            next.Add(Step(GuestAct.RunsOutOfMemory, Host), state with { MemoryGone = true });
    }

    // The shared area holds one event; the handler of a fault runs with interrupts off until its node is in the table.
    private bool CanInterrupt(GuestState state, int vcpu)
    {
        if (state.Waker(vcpu) != WakerPhase.None)
            return false;
        var task = state.Current(vcpu);
        return (task == GuestState.Idle ? Runs : state.Phase(task)) switch
        {
            Faulted => Has(GuestTrait.OverwritesSlot),
            LooksUp => Has(GuestTrait.ReadyBeforeTable) && state.Slot(vcpu) == Reason.None,
            _ => state.Slot(vcpu) == Reason.None,
        };
    }

    // A new host knows of no outstanding fault: it owes a broadcast to each vCPU instead.
    private GuestState Forget(GuestState state)
    {
        for (var task = 0; task < tasks; task++)
            state = state.WithOutstanding(task, false).WithOwesReady(task, false);
        for (var vcpu = 0; vcpu < vcpus; vcpu++)
            state = state.WithOwesBroadcast(vcpu, !Has(GuestTrait.ClearsOnModeSwitch) && (vcpu == vcpus - 1 || !Has(GuestTrait.BroadcastsToOne)));
        return state with { Moved = true };
    }
}
