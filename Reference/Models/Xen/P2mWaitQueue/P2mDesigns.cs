using HvLab.Reference.Models.Exploration;

namespace HvLab.Reference.Models.Xen.P2mWaitQueue;

/// <summary>What a design does otherwise than the five properties with sleeping locks.</summary>
[Flags]
public enum P2mTrait
{
    None = 0,
    NeverSleeps = 1 << 0,
    BugWhenAtomic = 1 << 1,
    OuterSpins = 1 << 2,
    TranslatesFirst = 1 << 3,
    WakesOnSamePcpu = 1 << 4,
    PagesItself = 1 << 5,
    ServiceSleeps = 1 << 6,
    SleepsWithP2mLock = 1 << 7,
    KickTakesOuter = 1 << 8,
    DestroyForgets = 1 << 9,
    LosesEarlyWake = 1 << 10,
    WakesOne = 1 << 11,
    UnwindKeepsLock = 1 << 12,
    NotifiesOnce = 1 << 13,
    TakesNoRef = 1 << 14,
    FlagAfterWake = 1 << 15,
}

internal static class P2mDesigns
{
    private const string Mail = "Andres Lagar-Cavilla, Re: [Xen-devel] Wait Queues, 2012-11";
    private const DesignKind Proposed = DesignKind.Proposed, Faulty = DesignKind.Faulty;

    private static Rule Said(string text) => new(text, Mail);

    public static IReadOnlyList<(Design Design, P2mTrait Traits)> All { get; } =
    [
        (new("five-properties", "A vCPU may sleep with any lock but the p2m's; other locks spin.",
            Said("A guest vcpu may go to sleep on a wait queue holding any kinds of locks as long as it does not hold the p2m lock."), Proposed,
            "no-pinned-pcpu"), P2mTrait.OuterSpins),
        (new("sleeping-locks", "The five properties, and whoever contends on a lock sleeps as well.",
            Said("Linux fixes this with many kinds of sleeping synchronization primitives. A task can, for example, hold the mmap semaphore and sleep on a wait queue."), Proposed), P2mTrait.None),
        (new("translate-first", "Every code path translates before it takes a lock, so that nobody sleeps with one.",
            Said("It will require us to restructure some code paths (i.e. XENMEM_add_to_physmap) that require multiple p2m translations in a single critical region to perform all translations up front."), Proposed),
            P2mTrait.TranslatesFirst | P2mTrait.OuterSpins),
        (new("same-pcpu", "The five properties with wait queues that wake a vCPU only where it went to sleep.",
            new("Save current VCPU affinity; force wakeup on *this* CPU only.", "xen/common/wait.c, __prepare_to_wait(); \"Not if wait queues force the vcpu to wake up on the same phys cpu it was using at the time of sleeping\", " + Mail), Proposed,
            "no-pinned-pcpu", "sleeper-wakes", "destruction-ends"), P2mTrait.OuterSpins | P2mTrait.WakesOnSamePcpu),
        (new("retry-errors", "Nobody sleeps; callers are told to try again.",
            Said("For this reason, we have not yet implemented sleeping on the p2m. Callers may get errors telling them to retry."), Proposed,
            "p2m-is-self-contained"), P2mTrait.NeverSleeps | P2mTrait.OuterSpins),
        (new("bug-on-atomic", "Sleeping is only allowed without locks, and callers hold some.",
            Said("Wait queue support in (x86) Xen prevents sleeping on a wait queue if any locks are held, including RCU read-side locks (i.e. BUG_ON(!in_atomic())."), Proposed,
            "no-bug"), P2mTrait.BugWhenAtomic | P2mTrait.OuterSpins),

        (new("dom0-pages", "The domain that sleeps is served by its own vCPU 0.", Said("Third parties servicing a wait queue sleep are indeed third parties. In other words, dom0 does not do paging."), Faulty,
            "servers-are-third-parties", "sleeper-wakes"), P2mTrait.PagesItself),
        (new("service-sleeps-in-map", "The pager maps the page before it is there, and sleeps for it.", Said("Vcpus of a wait queue servicing domain may never go to sleep on a wait queue during a foreign map."), Faulty,
            "servers-never-sleep", "sleeper-wakes"), P2mTrait.ServiceSleeps),
        (new("sleeps-with-p2m-lock", "The p2m lock is kept while asleep.", Said("A guest vcpu may go to sleep on a wait queue holding any kinds of locks as long as it does not hold the p2m lock."), Faulty,
            "asleep-without-p2m-lock", "sleeper-wakes", "destruction-ends"), P2mTrait.SleepsWithP2mLock),
        (new("kick-takes-outer-lock", "The pager's fix-up takes the lock that the sleeper holds.", Said("\"Kick\" routines in the hypervisor by which service domains effectively wake up a vcpu may only take the p2m lock to do a fix up of the p2m."), Faulty,
            "kick-takes-only-p2m-lock", "sleeper-wakes"), P2mTrait.KickTakesOuter),
        (new("destroy-forgets-sleepers", "Destruction sets its flag and wakes nobody.", Said("Wait queues can be awakened on a special domain destroy condition."), Faulty,
            "destruction-ends"), P2mTrait.DestroyForgets),
        (new("destroy-flag-after-wake", "Destruction wakes the sleepers first and sets its flag then.", Said("set a flag, wake up all vcpus in wait queues."), Faulty,
            "destruction-ends"), P2mTrait.FlagAfterWake),
        (new("early-wake-lost", "A wake-up that comes between the look and the sleep is forgotten.",
            new("Wait on specified waitqueue until @condition is true.", "xen/include/xen/wait.h, wait_event(): its second look at the condition, left out"), Faulty,
            "sleeper-wakes", "destruction-ends"), P2mTrait.LosesEarlyWake),
        (new("wakes-one-of-many", "A page that arrives wakes one of those who wait for it.",
            new("Wake VCPU(s) waiting on specified waitqueue.", "xen/include/xen/wait.h, wake_up_one() in the place of wake_up_all()"), Faulty,
            "sleeper-wakes", "destruction-ends"), P2mTrait.WakesOne),
        (new("unwind-keeps-lock", "The error path returns without its unlock.", Said("Most if not all callers can deal right now with a p2m translation error (other than paging), and unwind and release all their locks."), Faulty,
            "out-without-locks", "destruction-ends"), P2mTrait.UnwindKeepsLock),
        (new("enomem-told-once", "Only the first lack of memory is told to the toolstack.", Said("In both ENOMEM cases, all the plumbing for a toolstack to be notified and take some corrective action to release some memory and retry is in place."), Faulty,
            "sleeper-wakes"), P2mTrait.NotifiesOnce),
        (new("no-page-ref", "The mfn is returned without a reference to its page.", Said("on exit from the p2m the caller either has an mfn with a page ref, or an error code due to some other condition."), Faulty,
            "mfn-stays"), P2mTrait.TakesNoRef),
    ];
}
