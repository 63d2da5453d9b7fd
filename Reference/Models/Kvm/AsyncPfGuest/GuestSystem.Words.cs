using HvLab.Reference.Models.Exploration;
using static HvLab.Reference.Models.Kvm.AsyncPfGuest.TaskPhase;

namespace HvLab.Reference.Models.Kvm.AsyncPfGuest;

// Steps in words.
internal sealed partial class GuestSystem
{
    internal const string HostName = "host", Table = "token table";

    internal static string NameOf(int vcpu) => vcpu == Host ? HostName : $"vcpu {vcpu}";

    public StepText Tell(GuestState from, GuestStep step, GuestState to)
    {
        var task = $"task {step.Task}";
        var vcpu = NameOf(step.Vcpu);
        var whom = step.Task == GuestState.Broadcast ? "all" : $"token {step.Task}";
        var (actor, operation, on) = step.Act switch
        {
            GuestAct.Touches => (vcpu, to.Phase(step.Task) == Faulted ? $"runs {task}, which touches its page: \"not present\", token {step.Task}"
                : $"runs {task}, which touches its page: halted by the host", (string?)HostName),
            GuestAct.Yields => (vcpu, $"{task} yields", null),
            GuestAct.Switches => (vcpu, $"switches to {task}", null),
            GuestAct.ReadsReason => (vcpu, to.Confused ? $"reads the reason of {task}'s fault and finds {Found(from.Slot(step.Vcpu))}" : $"reads the reason: not present, token {step.Task}", null),
            GuestAct.LooksUp => (vcpu, from.Dummy(step.Task) != 0 ? $"finds a dummy for token {step.Task}: READY was here before; {task} goes on" : $"puts a node for token {step.Task} into the table", Table),
            GuestAct.Prepares => (vcpu, $"{task} enters the node's wait queue", null),
            GuestAct.Checks => (vcpu, to.Phase(step.Task) switch
            {
                Leaves => $"{task} sees that its node was taken out",
                GoesToSleep => $"{task} sees its node in the table",
                _ => $"{task} has its page and goes on",
            }, null),
            GuestAct.Schedules => (vcpu, to.Phase(step.Task) == Asleep ? $"{task} sleeps" : $"{task} was woken meanwhile and looks again", null),
            GuestAct.Leaves => (vcpu, $"{task} returns from its wait; its node was on its stack", null),
            GuestAct.Ticks => (vcpu, $"timer interrupt: the scheduler takes {task} off", null),
            GuestAct.ReadsReadyReason => (vcpu, $"reads the reason in the READY handler: {whom}", null),
            GuestAct.FindsNode => (vcpu, step.Task == GuestState.Broadcast ? "wakes every task whose fault it took" : (from.Node(step.Task), from.Dummy(step.Task)) switch
            {
                (Node.Hashed, _) => $"takes the node of token {step.Task} out of the table, under the lock",
                (_, not 0) => "finds a dummy that is there already",
                _ => to.Dummy(step.Task) != 0 ? $"finds no node for token {step.Task}: adds a dummy{(PoolIsUsed(to) && !PoolIsUsed(from) ? " out of the emergency pool" : "")}"
                    : $"finds no node for token {step.Task}, {(from.MemoryGone ? "has no memory for a dummy, " : "")}and forgets it",
            }, Table),
            GuestAct.LooksForSleeper => (vcpu, to.UsedDeadNode ? "looks at the wait queue of a node that is gone" : from.IsQueued(step.Task) ? $"sees {task} on the wait queue and wakes it" : "sees nobody on the wait queue", null),
            GuestAct.Unlocks => (vcpu, "drops the bucket's lock", null),
            GuestAct.PageArrives => (HostName, $"brings page {step.Task} in", null),
            GuestAct.DeliversReady => (HostName, $"delivers READY, token {step.Task}{(from.Slot(step.Vcpu) != Reason.None ? ", over a reason that was not read" : "")}", vcpu),
            GuestAct.DeliversBroadcast => (HostName, "delivers the broadcast", vcpu),
            GuestAct.Moves => (HostName, "the VM moves; the new host knows of no faults", null),
            GuestAct.SwitchesMode => (HostName, "the guest switches paging modes; the host clears its queue", null),
            GuestAct.Evicts => (HostName, $"swaps page {step.Task} out", null),
            _ => (Table, "memory runs out: no dummy can be allocated", null),
        };
        return new(actor, operation, Belief.Changes(Beliefs(from), Beliefs(to)), on);
    }

    private static string Found(Reason reason) => reason == Reason.None ? "none: to it, this is a fault of its own" : "READY";

    private IEnumerable<Belief> Beliefs(GuestState state)
    {
        for (var task = 0; task < tasks; task++)
        {
            if (state.Node(task) != Node.None)
                yield return new(Table, state.Node(task) switch
                {
                    Node.Hashed => $"token {task}: task {task} waits",
                    _ => state.IsBuffered(task) ? $"token {task}: taken out, which other vCPUs do not see yet" : $"token {task}: taken out",
                });
            if (state.Dummy(task) != 0)
                yield return new(Table, $"token {task}: a dummy");
            if (state.Phase(task) is Asleep or Halted or HaltedWithInterrupts or SwitchedAway)
                yield return new($"task {task}", state.Phase(task) switch
                {
                    Asleep => "asleep until READY",
                    Halted => "its vCPU is halted until the page is there",
                    HaltedWithInterrupts => "its vCPU is halted, interrupts come through",
                    _ => "off its vCPU until the page is there",
                });
            if (state.OwesReady(task))
                yield return new(HostName, $"owes READY, token {task}");
        }
        for (var vcpu = 0; vcpu < vcpus; vcpu++)
        {
            if (state.Slot(vcpu) != Reason.None)
                yield return new(NameOf(vcpu), $"shared area: {(state.Slot(vcpu) == Reason.Ready ? "READY" : "not present")}, {(state.SlotToken(vcpu) == GuestState.Broadcast ? "all" : $"token {state.SlotToken(vcpu)}")}");
            if (state.OwesBroadcast(vcpu))
                yield return new(HostName, $"owes {NameOf(vcpu)} a broadcast");
            if (state.Waker(vcpu) == WakerPhase.Finds && state.WakerToken(vcpu) < tasks && state.MemoryGone && Has(GuestTrait.BusyWaits) && state.Node(state.WakerToken(vcpu)) != Node.Hashed)
                yield return new(NameOf(vcpu), "looks for the node again and again");
        }
    }
}
