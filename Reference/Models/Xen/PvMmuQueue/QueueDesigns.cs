using HvLab.Reference.Models.Exploration;

namespace HvLab.Reference.Models.Xen.PvMmuQueue;

/// <summary>How a design keeps reads behind other CPUs' updates, and what it gets wrong.</summary>
[Flags]
public enum QueueTrait
{
    None = 0,
    InterruptsOthers = 1 << 0,
    Scoreboard = 1 << 1,
    WaitsOnCondition = 1 << 2,
    LocksEverything = 1 << 3,
    Shadow = 1 << 4,
    /// <summary>Reads through the recursive mapping count as reads too.</summary>
    SyncsOutOfBand = 1 << 5,
    /// <summary>Interrupts are off between taking a queue's entries and the hypercall.</summary>
    MasksWhileFlushing = 1 << 6,
    SkipsLastCpu = 1 << 7,
    ClearsScoreEarly = 1 << 8,
    MarksLate = 1 << 9,
    NeverNudges = 1 << 10,
    BroadcastsEarly = 1 << 11,
    AcksBeforeFlush = 1 << 12,
    WaitsMasked = 1 << 13,
    TlbBeforeQueue = 1 << 14,
    FlushesOwnTlbOnly = 1 << 15,
    UnlocksEarly = 1 << 16,
}

internal static class QueueDesigns
{
    internal const string Mail = "Re: CVS commit: src/sys/arch/xen, tech-kern, 2011-08";
    private const DesignKind Proposed = DesignKind.Proposed, Faulty = DesignKind.Faulty;
    private const QueueTrait FlushOthers = QueueTrait.InterruptsOthers | QueueTrait.MasksWhileFlushing | QueueTrait.SyncsOutOfBand,
        Scoreboard = FlushOthers | QueueTrait.Scoreboard,
        Condition = QueueTrait.WaitsOnCondition | QueueTrait.MasksWhileFlushing | QueueTrait.SyncsOutOfBand;

    private static Rule Said(string text) => new(text, Mail);

    private static Rule OptionA => Said("*before* queueing a local read-op, synchronously flush queues on all other CPUs via ipis. This is slightly racy, but can be done, I think.");
    private static Rule OptionB => Said("read-ops wait on a global condvar. If it's set, a write-op that needs flushing is pending. Wait (with optional timeout and ipi-\"nudge\") until the remote queue is flushed. When flushing a queue, send a cv_broadcast to any waiters.");
    private static Rule Board => Said("An optimisation for invlpg could be to implement a scoreboard that watches mem. locations that have been queued for update on any cpu. Scan through the scoreboard for the memory range we're invlpg-ing. If it's not there, there's no need to flush any queues on other cpus.");

    public static IReadOnlyList<(Design Design, QueueTrait Traits)> All { get; } =
    [
        (new("per-cpu-queues", "A queue for each CPU; whoever reads flushes its own.",
            Said("Some of the \"ops\" in a per-cpu queue may have ordering dependencies with other cpu queues, and I think this would be hard to express trivially."), Proposed,
            "no-stale-translation", "reads-are-current", "updates-keep-order"), QueueTrait.None),
        (new("flush-others", "Option a) as written: before a read-op, the other CPUs are interrupted to flush; reads through the recursive mapping are left out.", OptionA, Proposed,
            "no-stale-translation", "reads-are-current", "updates-keep-order"), QueueTrait.InterruptsOthers),
        (new("flush-others-masked", "Option a) without its race: no interrupt between taking a queue and the hypercall; every read counts.", OptionA, Proposed), FlushOthers),
        (new("scoreboard", "Option a) that interrupts only CPUs that the scoreboard names.", Board, Proposed), Scoreboard),
        (new("condvar", "Option b): readers wait on a condition variable, and nudge after a timeout.", OptionB, Proposed), Condition),
        (new("lock-everything", "One lock around every operation, and the queue is flushed before it is dropped.",
            Said("Option \"b)\" is slightly better than my current scheme which is to lock any and all mmu-ops and operate the queues synchronously"), Proposed), QueueTrait.LocksEverything),
        (new("shadow", "The guest writes its own tables with CAS; the hypervisor brings its shadow up to date at each TLB flush, and whenever it likes.",
            Said("I'm thinking that it might be easier and more justifiable to nuke the current queue scheme and implement shadow page tables, which would fit more naturally and efficiently with CAS pte updates, etc."), Proposed), QueueTrait.Shadow),

        (new("skips-one-cpu", "The last CPU is not interrupted.", OptionA, Faulty, "no-stale-translation", "reads-are-current", "updates-keep-order"), FlushOthers | QueueTrait.SkipsLastCpu),
        (new("scoreboard-cleared-early", "The mark goes when the entries are taken, not when the hypervisor has them.", Board, Faulty, "no-stale-translation", "reads-are-current", "updates-keep-order"), Scoreboard | QueueTrait.ClearsScoreEarly),
        (new("scoreboard-marked-late", "The update is queued first and marked then.", Board, Faulty, "no-stale-translation", "reads-are-current", "updates-keep-order"), Scoreboard | QueueTrait.MarksLate),
        (new("never-nudges", "Readers wait without a timeout, and nobody has to flush.", OptionB, Faulty, "operations-end"), Condition | QueueTrait.NeverNudges),
        (new("broadcast-early", "Waiters are told when the entries are taken, not when the hypervisor has them.", OptionB, Faulty, "no-stale-translation", "reads-are-current", "updates-keep-order"), Condition | QueueTrait.BroadcastsEarly),
        (new("acks-before-flush", "The interrupt is acknowledged before the queue is flushed.", OptionA, Faulty, "no-stale-translation", "reads-are-current", "updates-keep-order"), FlushOthers | QueueTrait.AcksBeforeFlush),
        (new("waits-masked", "Who waits for others takes no interrupts itself.",
            Said("Yes, we can implement a roundabout ipi driven queueflush + tlbflush scheme(described below), but that would be performance sensitive, and the basic issue won't go away, imho."), Faulty, "operations-end"), FlushOthers | QueueTrait.WaitsMasked),
        (new("tlb-before-queue", "The TLBs are flushed before the CPU's own queue.",
            Said("to make sure that stale ptes are not reloaded before the per-cpu queue has made progress"), Faulty, "no-stale-translation"), FlushOthers | QueueTrait.TlbBeforeQueue),
        (new("own-tlb-only", "The flush reaches one CPU's TLB.",
            Said("If you do a CAS pte update, and the update succeeded, it's a good idea to invalidate + shootdown anyway (even on baremetal)."), Faulty, "no-stale-translation"), FlushOthers | QueueTrait.FlushesOwnTlbOnly),
        (new("unlocks-early", "The lock is dropped before the hypercall.",
            new("the mremap() syscall performs TLB flushes after dropping pagetable locks", "CVE-2018-18281, the same order of events in Linux"), Faulty, "no-stale-translation", "reads-are-current", "updates-keep-order"),
            QueueTrait.LocksEverything | QueueTrait.UnlocksEarly),
    ];
}
