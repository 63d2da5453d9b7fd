using HvLab.Reference.Models.Exploration;

namespace HvLab.Reference.Models.Kvm.AsyncPfGuest;

/// <summary>Where a task of the guest is.</summary>
public enum TaskPhase
{
    /// <summary>Runs, or could.</summary>
    Runs,
    /// <summary>"Page not present" was injected; the handler has not read the shared area.</summary>
    Faulted,
    /// <summary>The handler knows the token and wants to look into the table.</summary>
    LooksUp,
    /// <summary>Its node is in the table; about to enter the wait queue.</summary>
    Prepares,
    /// <summary>On the wait queue; about to look whether its node was taken out.</summary>
    Checks,
    /// <summary>Saw its node in the table; about to call the scheduler.</summary>
    GoesToSleep,
    Asleep,
    /// <summary>Woken; not on a vCPU.</summary>
    Woken,
    /// <summary>Saw that its node was taken out; about to return.</summary>
    Leaves,
    /// <summary>The host stopped the vCPU until the page is there.</summary>
    Halted,
    /// <summary>The same, but the guest's interrupts are delivered meanwhile.</summary>
    HaltedWithInterrupts,
    /// <summary>Waits for the page; the guest's scheduler runs somebody else. Without paravirtual help only.</summary>
    SwitchedAway,
}

public enum Node { None, Hashed, Unhashed }

public enum PageState { Missing, Loading, Present }

/// <summary>What a READY handler is about to do.</summary>
public enum WakerPhase { None, Reads, Finds, LooksForSleeper, Unlocks }

public enum Reason { None, NotPresent, Ready }

/// <summary>All of the system in 16 bytes. Task i touches page i; its faults have token i.</summary>
public readonly record struct GuestState(Bits128 Bits)
{
    public const int MaxTasks = 3, MaxVcpus = 2, Idle = 3, Broadcast = 3;

    private static readonly BitLayout Layout = new();
    private static readonly BitField Phases = Layout.Array(MaxTasks, 4), Nodes = Layout.Array(MaxTasks, 2), Queues = Layout.Array(MaxTasks, 1),
        Buffers = Layout.Array(MaxTasks, 1), Pages = Layout.Array(MaxTasks, 2), Tolds = Layout.Array(MaxTasks, 1), Owes = Layout.Array(MaxTasks, 1),
        Currents = Layout.Array(MaxVcpus, 2), Wakers = Layout.Array(MaxVcpus, 3), WakerTokens = Layout.Array(MaxVcpus, 2),
        Reasons = Layout.Array(MaxVcpus, 2), SlotTokens = Layout.Array(MaxVcpus, 2), Pools = Layout.Array(MaxVcpus, 2), Broadcasts = Layout.Array(MaxVcpus, 1),
        Dummies = Layout.Array(MaxTasks, 2), Lock = Layout.Field(2), NoMemory = Layout.Field(1), Moves = Layout.Field(1), Dead = Layout.Field(1), Confuses = Layout.Field(1);

    public TaskPhase Phase(int task) => (TaskPhase)Bits[Phases[task]];
    public GuestState WithPhase(int task, TaskPhase phase) => new(Bits.With(Phases[task], (int)phase));
    public Node Node(int task) => (Node)Bits[Nodes[task]];
    public GuestState WithNode(int task, Node node) => new(Bits.With(Nodes[task], (int)node));
    /// <summary>vCPU + 1 that added a dummy for the token; 0 where there is none.</summary>
    public int Dummy(int task) => Bits[Dummies[task]];
    public GuestState WithDummy(int task, int adder) => new(Bits.With(Dummies[task], adder));
    /// <summary>The task is on its node's wait queue.</summary>
    public bool IsQueued(int task) => Bits.Has(Queues[task]);
    public GuestState WithQueued(int task, bool queued) => new(Bits.With(Queues[task], queued));
    /// <summary>That the node was taken out is still in the waker's store buffer: other vCPUs see it in the table.</summary>
    public bool IsBuffered(int task) => Bits.Has(Buffers[task]);
    public GuestState WithBuffered(int task, bool buffered) => new(Bits.With(Buffers[task], buffered));
    public PageState Page(int task) => (PageState)Bits[Pages[task]];
    public GuestState WithPage(int task, PageState page) => new(Bits.With(Pages[task], (int)page));
    /// <summary>The host told the guest "not present" and has not told it READY.</summary>
    public bool IsOutstanding(int task) => Bits.Has(Tolds[task]);
    public GuestState WithOutstanding(int task, bool told) => new(Bits.With(Tolds[task], told));
    /// <summary>The page came; the host has READY to deliver.</summary>
    public bool OwesReady(int task) => Bits.Has(Owes[task]);
    public GuestState WithOwesReady(int task, bool owes) => new(Bits.With(Owes[task], owes));

    /// <summary>The task on a vCPU, or <see cref="Idle"/>.</summary>
    public int Current(int vcpu) => Bits[Currents[vcpu]];
    public GuestState WithCurrent(int vcpu, int task) => new(Bits.With(Currents[vcpu], task));
    public WakerPhase Waker(int vcpu) => (WakerPhase)Bits[Wakers[vcpu]];
    /// <summary>Whom it wakes: a task, or <see cref="Broadcast"/>.</summary>
    public int WakerToken(int vcpu) => Bits[WakerTokens[vcpu]];
    public GuestState WithWaker(int vcpu, WakerPhase phase, int token) => new(Bits.With(Wakers[vcpu], (int)phase).With(WakerTokens[vcpu], token));
    /// <summary>The vCPU's shared area.</summary>
    public Reason Slot(int vcpu) => (Reason)Bits[Reasons[vcpu]];
    public int SlotToken(int vcpu) => Bits[SlotTokens[vcpu]];
    public GuestState WithSlot(int vcpu, Reason reason, int token) => new(Bits.With(Reasons[vcpu], (int)reason).With(SlotTokens[vcpu], token));
    /// <summary>Whose dummy the vCPU's emergency node is: task + 1; 0 while it is in the pool.</summary>
    public int Pool(int vcpu) => Bits[Pools[vcpu]];
    public GuestState WithPool(int vcpu, int user) => new(Bits.With(Pools[vcpu], user));
    public bool OwesBroadcast(int vcpu) => Bits.Has(Broadcasts[vcpu]);
    public GuestState WithOwesBroadcast(int vcpu, bool owes) => new(Bits.With(Broadcasts[vcpu], owes));

    /// <summary>vCPU + 1 of the bucket's lock holder; 0 for none. All tokens share one bucket.</summary>
    public int LockOwner { get => Bits[Lock]; init => Bits = Bits.With(Lock, value); }
    /// <summary>GFP_ATOMIC fails from now on.</summary>
    public bool MemoryGone { get => Bits.Has(NoMemory); init => Bits = Bits.With(NoMemory, value); }
    /// <summary>The VM was moved, or the guest switched paging modes: what happens once.</summary>
    public bool Moved { get => Bits.Has(Moves); init => Bits = Bits.With(Moves, value); }
    /// <summary>A waker used a node on the stack of a task that had returned.</summary>
    public bool UsedDeadNode { get => Bits.Has(Dead); init => Bits = Bits.With(Dead, value); }
    /// <summary>A handler found no reason, or one that was not its own.</summary>
    public bool Confused { get => Bits.Has(Confuses); init => Bits = Bits.With(Confuses, value); }
}
