using HvLab.Reference.Models.Exploration;

namespace HvLab.Reference.Models.Xen.PvMmuQueue;

/// <summary>What a CPU of the guest is in the middle of.</summary>
public enum CpuPhase
{
    /// <summary>Nothing of this system.</summary>
    Idle,
    /// <summary>Starts a read-op: looks after its own queue first.</summary>
    Begins,
    /// <summary>Took its queue's entries, has not called the hypervisor with them.</summary>
    Flushes,
    /// <summary>The same, of its own accord: nothing waits for it.</summary>
    FlushesAlone,
    /// <summary>Its own queue is flushed; other CPUs' queues come next.</summary>
    LooksAtOthers,
    /// <summary>Waits until each CPU that it interrupted has flushed.</summary>
    WaitsForAcks,
    /// <summary>Waits on the condition variable.</summary>
    WaitsForBroadcast,
    /// <summary>Nothing stands between it and its read.</summary>
    Reads,
    /// <summary>Has read the entry and now queues the new one.</summary>
    Writes,
    /// <summary>Has queued and now marks the scoreboard; no sound design has it.</summary>
    Marks,
    /// <summary>Has flushed TLBs and now flushes its queue; no sound design has it.</summary>
    FlushesAfterwards,
}

/// <summary>All of the system in 16 bytes. Contents of a page-table entry are versions: 0 at first, one more for each update.</summary>
public readonly record struct QueueState(Bits128 Bits)
{
    public const int MaxCpus = 3, MaxPages = 2, MaxVersion = 3, NoOwner = 0;

    private static readonly BitLayout Layout = new();
    private static readonly BitField Tlbs = Layout.Array(MaxCpus * MaxPages, 3), Queues = Layout.Array(MaxCpus * MaxPages, 2),
        Takens = Layout.Array(MaxCpus * MaxPages, 2), Scores = Layout.Array(MaxCpus * MaxPages, 1), Ipis = Layout.Array(MaxCpus, 1),
        Owner = Layout.Field(2), Phases = Layout.Array(MaxCpus, 4), Pages = Layout.Array(MaxCpus, 1), Updates = Layout.Array(MaxCpus, 1),
        Wants = Layout.Array(MaxCpus, 2), Pendings = Layout.Array(MaxCpus, MaxCpus), Walks = Layout.Array(MaxPages, 2),
        Latests = Layout.Array(MaxPages, 2), Promises = Layout.Array(MaxPages, 2);

    public CpuPhase Phase(int cpu) => (CpuPhase)Bits[Phases[cpu]];
    public QueueState WithPhase(int cpu, CpuPhase phase) => new(Bits.With(Phases[cpu], (int)phase));

    /// <summary>The page of the operation that a CPU is in, and whether that is an update (else it is a TLB flush).</summary>
    public int Page(int cpu) => Bits[Pages[cpu]];
    public bool IsUpdate(int cpu) => Bits.Has(Updates[cpu]);
    /// <summary>The version that was the newest when the operation began: what a flush promises.</summary>
    public int Wanted(int cpu) => Bits[Wants[cpu]];
    public QueueState WithOperation(int cpu, int page, bool update, int wanted) =>
        new(Bits.With(Pages[cpu], page).With(Updates[cpu], update).With(Wants[cpu], wanted));

    /// <summary>What the MMU reads: the table that the hypervisor keeps, or its shadow.</summary>
    public int Walked(int page) => Bits[Walks[page]];
    public QueueState WithWalked(int page, int version) => new(Bits.With(Walks[page], version));

    /// <summary>The newest version that any CPU has issued.</summary>
    public int Latest(int page) => Bits[Latests[page]];
    public QueueState WithLatest(int page, int version) => new(Bits.With(Latests[page], version));

    /// <summary>No CPU may use anything older: a TLB flush that began with this version has ended.</summary>
    public int Promised(int page) => Bits[Promises[page]];
    public QueueState WithPromised(int page, int version) => new(Bits.With(Promises[page], version));

    /// <summary>The version in a CPU's TLB; -1 for none.</summary>
    public int Tlb(int cpu, int page) => Bits[Tlbs[Of(cpu, page)]] - 1;
    public QueueState WithTlb(int cpu, int page, int version) => new(Bits.With(Tlbs[Of(cpu, page)], version + 1));

    /// <summary>The version that waits in a CPU's queue; 0 for none.</summary>
    public int Queued(int cpu, int page) => Bits[Queues[Of(cpu, page)]];
    public QueueState WithQueued(int cpu, int page, int version) => new(Bits.With(Queues[Of(cpu, page)], version));

    /// <summary>The version that a CPU took out of its queue and has not given to the hypervisor; 0 for none.</summary>
    public int Taken(int cpu, int page) => Bits[Takens[Of(cpu, page)]];
    public QueueState WithTaken(int cpu, int page, int version) => new(Bits.With(Takens[Of(cpu, page)], version));

    /// <summary>The scoreboard says that an update of the page waits on the CPU.</summary>
    public bool Scored(int cpu, int page) => Bits.Has(Scores[Of(cpu, page)]);
    public QueueState WithScored(int cpu, int page, bool scored) => new(Bits.With(Scores[Of(cpu, page)], scored));

    /// <summary>An interrupt that asks the CPU to flush has not been handled.</summary>
    public bool Interrupted(int cpu) => Bits.Has(Ipis[cpu]);
    public QueueState WithInterrupted(int cpu, bool interrupted) => new(Bits.With(Ipis[cpu], interrupted));

    /// <summary>Bit mask of the CPUs that the CPU waits for; after a broadcast, none.</summary>
    public int WaitsFor(int cpu) => Bits[Pendings[cpu]];
    public QueueState WithWaitsFor(int cpu, int mask) => new(Bits.With(Pendings[cpu], mask));

    /// <summary>Who holds the lock around updates: CPU number + 1, or <see cref="NoOwner"/>.</summary>
    public int LockOwner { get => Bits[Owner]; init => Bits = Bits.With(Owner, value); }

    private static int Of(int cpu, int page) => (cpu * MaxPages) + page;
}
