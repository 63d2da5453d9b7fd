using HvLab.Reference.Models.Exploration;

namespace HvLab.Reference.Models.Xen.Preemption;

/// <summary>What a design can do, and what it gets wrong.</summary>
[Flags]
public enum PreemptionTrait
{
    None = 0,
    Continues = 1 << 0,
    Preempts = 1 << 1,
    /// <summary>try_preempt() also runs softirqs.</summary>
    PreemptsForSoftirqs = 1 << 2,
    /// <summary>Work of the hypervisor's own has a thread that is scheduled and charged.</summary>
    Threads = 1 << 3,
    FirstIterationSucceeds = 1 << 4,
    CountsOneTwice = 1 << 5,
    SkipsOne = 1 << 6,
    ForgetsProgramCounter = 1 << 7,
    TrustsArguments = 1 << 8,
    PreemptsLockHolders = 1 << 9,
    ForgetsAfterAtomic = 1 << 10,
    PreemptsReaders = 1 << 11,
    SchedulerIsPreempted = 1 << 12,
}

internal static class PreemptionDesigns
{
    internal const string Mail = "Julien Grall and Volodymyr Babchuk, Re: [RFC PATCH 00/10] Preemption in hypervisor (ARM only), 2021-02-23";
    private const DesignKind Proposed = DesignKind.Proposed, Faulty = DesignKind.Faulty;
    private const PreemptionTrait Both = PreemptionTrait.Continues | PreemptionTrait.Preempts | PreemptionTrait.PreemptsForSoftirqs | PreemptionTrait.Threads;

    private static Rule Said(string text) => new(text, Mail);

    private static Rule Continuation => Said("When code that handles hypercall decides that it should be preempted, it basically updates the hypercall parameters, and moves guest PC one instruction back. This causes guest to re-execute the hypercall with altered parameters, which will allow hypervisor to continue hypercall execution later.");
    private static Rule Atomic => Said("Problem is that IRQ handler can be called when vCPU is already in atomic state (holding spinlock, for example). In this case we should try to preempt right after leaving atomic state.");
    private static Rule Xsa318 => new("a path through grant copy handling where success may be returned to the caller without any action taken. In particular, the status fields of individual operations are left uninitialised", "XSA-318");

    public static IReadOnlyList<(Design Design, PreemptionTrait Traits)> All { get; } =
    [
        (new("continuation", "What Xen does: at safe places the call is broken off and the guest makes it again.", Continuation, Proposed,
            "time-is-charged-right"), PreemptionTrait.Continues),
        (new("full-preemption", "The series as posted: the vCPU is switched away from inside the hypervisor; continuations go.",
            Said("try_preempt() function tries to preempt vCPU when either called by IRQ handler and when leaving atomic state."), Proposed,
            "guest-is-not-stalled", "softirqs-run", "time-is-charged-right"), PreemptionTrait.Preempts),
        (new("full-preemption-softirqs", "The same, and try_preempt() runs softirqs.",
            Said("AFAICT, try_preempt() will deal with the rescheduling. But how about softirqs? Don't we want to handle them in try_preempt() as well?"), Proposed,
            "guest-is-not-stalled", "time-is-charged-right"), PreemptionTrait.Preempts | PreemptionTrait.PreemptsForSoftirqs),
        (new("full-preemption-threads", "The same, and the hypervisor's own work has threads.",
            Said("We can implement proper hypervisor threads, mutexes, completions and so on. This will make scheduling more accurate"), Proposed,
            "guest-is-not-stalled"), PreemptionTrait.Preempts | PreemptionTrait.PreemptsForSoftirqs | PreemptionTrait.Threads),
        (new("both", "Preemption, softirqs and threads, and continuations for calls that are long for the guest.",
            Said("I don't think you can get rid of it completely without risking the OS to receive RCU sched stall. So you would need to handle them hypercalls differently."), Proposed), Both),
        (new("no-preemption", "The call runs to its end.", Said("It is well known that Xen is not preemptable."), Proposed,
            "preempts-in-time", "guest-is-not-stalled", "softirqs-run", "time-is-charged-right"), PreemptionTrait.None),

        (new("first-iteration-succeeds", "A break in the first iteration returns success, with the status untouched.", Xsa318, Faulty, "transparent"), Both | PreemptionTrait.FirstIterationSucceeds),
        (new("counts-one-twice", "The continuation starts with the extent that was done last.", Continuation, Faulty, "transparent"), Both | PreemptionTrait.CountsOneTwice),
        (new("skips-one", "The continuation starts one extent too late.", Continuation, Faulty, "transparent"), Both | PreemptionTrait.SkipsOne),
        (new("pc-not-moved", "The arguments are rewritten, the program counter stays behind the call.", Continuation, Faulty, "transparent"), Both | PreemptionTrait.ForgetsProgramCounter),
        (new("trusts-arguments", "What the guest hands back is not checked again.",
            Said("hypercall execution state is stored in guest-controlled area, we rely on guest's good will to continue the hypercall."), Faulty, "stays-in-bounds"), Both | PreemptionTrait.TrustsArguments),
        (new("preempts-lock-holders", "The preempt count is not looked at.", Atomic, Faulty, "no-lock-holder-preempted", "rcu-protects-readers", "calls-end"), Both | PreemptionTrait.PreemptsLockHolders | PreemptionTrait.PreemptsReaders),
        (new("forgets-after-atomic", "An interrupt in an atomic section is not remembered for its end.", Atomic, Faulty, "preempts-in-time", "guest-is-not-stalled", "softirqs-run"),
            (Both & ~PreemptionTrait.Continues) | PreemptionTrait.ForgetsAfterAtomic),
        (new("preempts-rcu-readers", "An RCU read side does not count as atomic, and a context switch is a quiescent state.",
            new("Not even RCU read locks are allowed.", "Andres Lagar-Cavilla, Re: [Xen-devel] Wait Queues, 2012-11"), Faulty, "rcu-protects-readers"), Both | PreemptionTrait.PreemptsReaders),
        (new("scheduler-preempted", "The scheduler does not enter an atomic state.",
            Said("Scheduler now enters atomic state to ensure that it will not preempt self."), Faulty, "scheduler-is-atomic"), Both | PreemptionTrait.SchedulerIsPreempted),
    ];
}
