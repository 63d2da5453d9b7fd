using HvLab.Reference.Models.Exploration;
using static HvLab.Reference.Models.Xen.P2mWaitQueue.VcpuPhase;

namespace HvLab.Reference.Models.Xen.P2mWaitQueue;

using Always = Always<P2mState, P2mStep>;

/// <summary>The five properties of the discussion, the footnote's worry, and what callers were promised.</summary>
internal static class P2mClaims
{
    private const string Mail = "Andres Lagar-Cavilla, Re: [Xen-devel] Wait Queues, 2012-11";

    private static Rule Said(string text) => new(text, Mail);

    public static IReadOnlyList<Claim<P2mState, P2mStep>> Of(int vcpus) =>
    [
        new Always("servers-are-third-parties", Said("Third parties servicing a wait queue sleep are indeed third parties."),
            state => !(state.PagesItself && state.Phase(0) == Asleep)),
        new Always("servers-never-sleep", Said("Vcpus of a wait queue servicing domain may never go to sleep on a wait queue during a foreign map."),
            state => state.ServiceNow != ServicePhase.Asleep),
        new Always("asleep-without-p2m-lock", Said("A guest vcpu may go to sleep on a wait queue holding any kinds of locks as long as it does not hold the p2m lock."),
            state => state.P2mOwner == P2mState.NoOwner || state.P2mOwner > vcpus || state.Phase(state.P2mOwner - 1) != Asleep),
        new Always("kick-takes-only-p2m-lock", Said("\"Kick\" routines in the hypervisor by which service domains effectively wake up a vcpu may only take the p2m lock to do a fix up of the p2m."),
            state => state.ServiceNow != ServicePhase.WantsOuter),
        // Whoever destroys the domain waits for its vCPUs to leave Xen.
        new Wakes<P2mState, P2mStep>("destruction-ends", Said("Wait queues can be awakened on a special domain destroy condition."), vcpus,
            (state, vcpu) => state.Dying && !state.Crashed && state.Phase(vcpu) != Out, IsFair),
        new Wakes<P2mState, P2mStep>("sleeper-wakes", Said("A request for a p2m translation may or may not sleep, but on exit from the p2m the caller either has an mfn with a page ref, or an error code due to some other condition."), vcpus,
            (state, vcpu) => !state.Dying && !state.Crashed && state.IsWaiting(vcpu), IsFair),
        new Always("no-pinned-pcpu", Said("this may cause any other vcpu contending on a lock held by the wait queue sleeper to not yield to the scheduler and pin its physical"),
            state => !IsPinned(state, vcpus)),
        new Always("p2m-is-self-contained", Said("Ideally we want the internals to be self-contained, so that callers need not be concerned with any of this."),
            state => !Any(state, vcpus, UnwindsToRetry)),
        new Always("no-bug", Said("Wait queue support in (x86) Xen prevents sleeping on a wait queue if any locks are held"),
            state => !state.Crashed),
        new Always("mfn-stays", Said("on exit from the p2m the caller either has an mfn with a page ref, or an error code due to some other condition."),
            state => AllUsersFindTheirPage(state, vcpus)),
        new Always("out-without-locks", Said("unwind and release all their locks."), state =>
            (state.OuterOwner is P2mState.NoOwner || state.OuterOwner > vcpus || state.Phase(state.OuterOwner - 1) != Out)
            && (state.P2mOwner is P2mState.NoOwner || state.P2mOwner > vcpus || state.Phase(state.P2mOwner - 1) != Out)),
    ];

    // Nobody is obliged to enter, evict, share, take memory or destroy. Everything that was begun goes on at last.
    private static bool IsFair(P2mState from, P2mStep step) =>
        step.Act is not (P2mAct.Enters or P2mAct.Evicts or P2mAct.Shares or P2mAct.TakesFrame or P2mAct.Destroys);

    private static bool IsPinned(P2mState state, int vcpus)
    {
        if (state.OuterOwner == P2mState.NoOwner || state.OuterOwner > vcpus || state.Phase(state.OuterOwner - 1) != Asleep)
            return false;
        return Any(state, vcpus, SpinsForOuter) || Any(state, vcpus, UsesAndWantsOuter);
    }

    private static bool Any(P2mState state, int vcpus, VcpuPhase phase)
    {
        for (var vcpu = 0; vcpu < vcpus; vcpu++)
            if (state.Phase(vcpu) == phase)
                return true;
        return false;
    }

    private static bool AllUsersFindTheirPage(P2mState state, int vcpus)
    {
        for (var vcpu = 0; vcpu < vcpus; vcpu++)
            if (state.Phase(vcpu) is Uses or UsesAndWantsOuter && state.Page(state.Gfn(vcpu)) != GfnState.Present)
                return false;
        return true;
    }
}
