using HvLab.Reference.Models.Exploration;

namespace HvLab.Reference.Models.Kvm.AsyncPfGuest;

[Flags]
public enum GuestTrait
{
    None = 0,
    /// <summary>READY may come on another vCPU than "not present" did.</summary>
    OtherVcpu = 1 << 0,
    /// <summary>What takes a node out of the table is seen by others before the waker looks for sleepers.</summary>
    Barrier = 1 << 1,
    /// <summary>A task that saw its node taken out takes the bucket's lock before it returns.</summary>
    LeavesUnderLock = 1 << 2,
    /// <summary>A node for each vCPU where the allocation fails; no asynchronous faults until it is back.</summary>
    EmergencyPool = 1 << 3,
    /// <summary>Without memory the waker looks again and again.</summary>
    BusyWaits = 1 << 4,
    /// <summary>No table and no READY: the host halts the vCPU and lets interrupts in.</summary>
    NotParavirtual = 1 << 5,
    /// <summary>The timer comes at the end of the time slice only.</summary>
    Dyntick = 1 << 6,
    WithoutDummy = 1 << 7,
    KeepsDummy = 1 << 8,
    OverwritesSlot = 1 << 9,
    ReadyBeforeTable = 1 << 10,
    BroadcastsToOne = 1 << 11,
    ReadyForSynchronous = 1 << 12,
    ClearsOnModeSwitch = 1 << 13,
    BoundOffByOne = 1 << 14,
    BroadcastsLate = 1 << 15,
}

internal static class GuestDesigns
{
    internal const string Patch = "[03/11] Handle asynchronous page fault in a PV guest, Gleb Natapov's patch and its review, 2009-11";
    private const string Kernel = "Linux arch/x86/kernel/kvm.c";
    private const DesignKind Proposed = DesignKind.Proposed, Faulty = DesignKind.Faulty;
    private const GuestTrait Locked = GuestTrait.OtherVcpu | GuestTrait.Barrier | GuestTrait.LeavesUnderLock, Today = Locked | GuestTrait.BusyWaits;

    private static Rule Said(string text) => new(text, Patch);

    private static Rule BusyWait => new("Allocation failed! Busy wait while other cpu handles async PF.", $"{Kernel}, kvm_async_pf_task_wake()");

    public static IReadOnlyList<(Design Design, GuestTrait Traits)> All { get; } =
    [
        (new("busy-wait", "READY on any vCPU; a waker without memory looks again until the fault was handled. With the lock that the review asks for.", BusyWait, Proposed), Today),
        (new("patch-same-vcpu", "The patch, and a host that sends READY where \"not present\" went.",
            Said("Currently this code can't trigger since \"wake up\" is always sent on the same vcpu as \"not present\""), Proposed), GuestTrait.None),
        (new("patch-other-vcpu", "The patch, and a host that sends READY where it likes.",
            Said("but I don't want this implementation detail to be part of guest/host interface."), Proposed,
            "sleeper-wakes", "node-outlives-waker"), GuestTrait.OtherVcpu),
        (new("patch-locked", "The same with locking and its barriers; an allocation that fails is only printed.",
            Said("Don't you need locking here? At least for the implied memory barriers."), Proposed,
            "sleeper-wakes"), Locked),
        (new("emergency-pool", "A node for each vCPU, and no asynchronous faults while it is away.",
            Said("We could have an emergency pool of one node per cpu, and disable apf if we use it until it's returned."), Proposed), Locked | GuestTrait.EmergencyPool),
        (new("non-paravirt", "No paravirtual help: the vCPU halts, interrupts are delivered, a tick lets the guest's scheduler switch.",
            Said("Its not as efficient as paravirt because you have to wait for a timer interrupt and the guest scheduler to decide to taskswitch, but OTOH its transparent."), Proposed), GuestTrait.NotParavirtual),
        (new("non-paravirt-dyntick", "The same in a guest whose timer comes at the end of the time slice.",
            Said("With a dyntick guest the timer interrupt will come at the end of the time slice, likely after the page has been swapped in."), Proposed,
            "another-task-runs"), GuestTrait.NotParavirtual | GuestTrait.Dyntick),

        (new("barrier-missing", "The waker looks for sleepers before others see that the node is out.",
            new("Properly serialize swait_active() checks such that a wakeup is not missed.", "Linux commit b94b73733171, kvm,x86: Fix apf_task_wake_one() wq serialization"), Faulty,
            "sleeper-wakes"), Today & ~GuestTrait.Barrier),
        (new("node-dies-early", "A task that sees its node taken out returns at once, with the node on its stack.",
            Said("Don't you need locking here?"), Faulty, "node-outlives-waker"), Today & ~GuestTrait.LeavesUnderLock),
        (new("early-wake-forgotten", "READY for an unknown token is dropped.", Said("PF was not yet handled. Add dummy entry for the token"), Faulty, "sleeper-wakes"), Today | GuestTrait.WithoutDummy),
        (new("dummy-kept", "The dummy is found and stays in the table.", Said("dummy entry exist -> wake up was delivered ahead of PF"), Faulty, "table-empties"), Today | GuestTrait.KeepsDummy),
        (new("both-pending", "READY overwrites a reason that was not read yet.", Said("Ah, reason is not a bitmask but an enumerator."), Faulty,
            "reason-is-understood", "sleeper-wakes", "table-empties"), Today | GuestTrait.OverwritesSlot),
        (new("ready-before-table", "READY interrupts the handler of its own fault, and there is no memory.", BusyWait, Faulty,
            "sleeper-wakes"), Today | GuestTrait.ReadyBeforeTable),
        (new("broadcast-to-one", "After a move one vCPU gets the broadcast, for all.",
            new("if (n->cpu == smp_processor_id())", $"{Kernel}, apf_task_wake_all(): each vCPU wakes its own, and needs a broadcast for it"), Faulty, "sleeper-wakes", "table-empties"), Today | GuestTrait.BroadcastsToOne),
        (new("broadcast-late", "The broadcast comes after faults that the new host already knows of.",
            new("if (n->cpu == smp_processor_id())", $"{Kernel}, apf_task_wake_all(): it cannot tell older faults from newer ones"), Faulty, "table-empties", "sleeper-wakes"), Today | GuestTrait.BroadcastsLate),
        (new("ready-without-not-present", "The host sends READY for a fault that it handled synchronously.",
            Said("When missing page is brought back into the memory guest is notified and task resumes execution."), Faulty, "table-empties", "sleeper-wakes"), Today | GuestTrait.ReadyForSynchronous),
        (new("queue-cleared-on-mode-switch", "The host forgets what is outstanding when the guest switches paging modes, and broadcasts nothing.",
            new("KVM: MMU: clear apfs if page state is changed", "Linux commit e5f3f0279601: the queue is cleared"), Faulty, "sleeper-wakes"), Today | GuestTrait.ClearsOnModeSwitch),
        (new("bound-off-by-one", "One fault more than the bound is asynchronous.",
            new("if (vcpu->async_pf.queued >= ASYNC_PF_PER_VCPU)", "Linux virt/kvm/async_pf.c, kvm_setup_async_pf()"), Faulty, "outstanding-within-bound"), Today | GuestTrait.BoundOffByOne),
    ];
}
