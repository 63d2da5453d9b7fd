using HvLab.Reference.Models.Exploration;
using static HvLab.Reference.Models.Xen.P2mWaitQueue.VcpuPhase;

namespace HvLab.Reference.Models.Xen.P2mWaitQueue;

// What is done for the sleepers, and to them.
internal sealed partial class P2mSystem
{
    // A dying domain has no pager and no toolstack that cares any more: only destruction itself can wake its sleepers.
    private void NextOfPager(P2mState state, Successors<P2mState, P2mStep> next)
    {
        switch (state.ServiceNow)
        {
            case ServicePhase.Idle when !state.Dying && state.Page(0) == GfnState.Requested && FreePcpu(state) is { } pcpu
                && (!state.PagesItself || state.Phase(0) == Out):
                next.Add(new(P2mAct.Serves, Pager, 0), state with { ServiceNow = ServicePhase.Serves, ServicePcpu = pcpu });
                break;
            case ServicePhase.Serves when Has(P2mTrait.ServiceSleeps):
                next.Add(new(P2mAct.FallsAsleep, Pager, 0), state with { ServiceNow = ServicePhase.Asleep, ServicePcpu = P2mState.NoPcpu });
                break;
            case ServicePhase.Serves when state.Free == 0:
                // Paging in lacks memory too; the request stays, and the pager comes back.
                next.Add(new(P2mAct.MakesPage, Pager, 0), Notify(state) with { ServiceNow = ServicePhase.Idle, ServicePcpu = P2mState.NoPcpu });
                break;
            case ServicePhase.Serves:
                next.Add(new(P2mAct.MakesPage, Pager, 0), state with
                {
                    Free = state.Free - 1,
                    ServiceNow = Has(P2mTrait.KickTakesOuter) ? ServicePhase.WantsOuter : ServicePhase.WantsP2m,
                });
                break;
            case ServicePhase.WantsOuter when state.OuterOwner == P2mState.NoOwner:
                next.Add(new(P2mAct.TakesOuterToKick, Pager, 0), state with { OuterOwner = Pager + 1, ServiceNow = ServicePhase.WantsP2m });
                break;
            case ServicePhase.WantsP2m when state.P2mOwner == P2mState.NoOwner:
                var fixedUp = state.WithPage(0, GfnState.Present) with
                {
                    ServiceNow = ServicePhase.Idle,
                    ServicePcpu = P2mState.NoPcpu,
                    OuterOwner = state.OuterOwner == Pager + 1 ? P2mState.NoOwner : state.OuterOwner,
                };
                next.Add(new(P2mAct.Kicks, Pager, 0), Wake(fixedUp, gfn: 0));
                break;
        }
    }

    private void NextOfOthers(P2mState state, Successors<P2mState, P2mStep> next)
    {
        if (FreePcpu(state) is null)
            return;
        var p2mIsFree = state.P2mOwner == P2mState.NoOwner;
        if (state.Notified && p2mIsFree && !state.Dying)
            next.Add(new(P2mAct.FreesMemory, Toolstack, 0), Wake(state with { Free = Math.Max(state.Free, 1), Notified = false }, gfn: 1));
        if (state.AboutToDie)
            next.Add(new(P2mAct.SetsFlag, Toolstack, 0), state with { Dying = true });
        else if (!state.Dying)
            next.Add(new(P2mAct.Destroys, Toolstack, 0), Destroy(state));

        if (state.Page(0) == GfnState.Present && p2mIsFree && !state.IsReferenced(0))
            next.Add(new(P2mAct.Evicts, Pager, 0), state.WithPage(0, GfnState.PagedOut) with { Free = Math.Min(state.Free + 1, P2mState.MaxFree) });
        if (pages > 1 && state.Page(1) == GfnState.Present && p2mIsFree && !state.IsReferenced(1))
            next.Add(new(P2mAct.Shares, Others, 1), state.WithPage(1, GfnState.Shared) with { Free = Math.Min(state.Free + 1, P2mState.MaxFree) });
        if (state.Free > 0)
            next.Add(new(P2mAct.TakesFrame, Others, 0), state with { Free = state.Free - 1 });
    }

    private P2mState Destroy(P2mState state)
    {
        var flagged = Has(P2mTrait.FlagAfterWake) ? state with { AboutToDie = true } : state with { Dying = true };
        return Has(P2mTrait.DestroyForgets) ? flagged : Wake(Wake(flagged, 0), 1);
    }

    // A vCPU that is on the queue but not asleep yet has its wake-up as well: it does not fall asleep.
    private P2mState Wake(P2mState state, int gfn)
    {
        for (var vcpu = 0; vcpu < vcpus; vcpu++)
        {
            if (state.Phase(vcpu) is not (Asleep or GoesToSleep) || state.Gfn(vcpu) != gfn)
                continue;
            if (state.Phase(vcpu) == Asleep)
                state = state.WithPhase(vcpu, Ready);
            else if (!Has(P2mTrait.LosesEarlyWake))
                state = state.WithPhase(vcpu, WantsP2m);
            if (Has(P2mTrait.WakesOne))
                break;
        }
        return state;
    }
}
