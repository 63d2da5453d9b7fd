using HvLab.Reference.Models.Exploration;
using static HvLab.Reference.Models.Xen.P2mWaitQueue.VcpuPhase;

namespace HvLab.Reference.Models.Xen.P2mWaitQueue;

public enum P2mAct { Enters, TakesOuter, WaitsForOuter, TakesP2m, Looks, FallsAsleep, IsScheduled, Finishes, Unwinds, Serves, MakesPage, TakesOuterToKick, Kicks, FreesMemory, Evicts, Shares, TakesFrame, Destroys, SetsFlag }

/// <param name="Actor">vCPU number; <see cref="P2mState.MaxVcpus"/> and above are the others, see <see cref="P2mSystem.NameOf"/>.</param>
/// <param name="Argument">A gfn, a physical CPU, or both; only to tell steps apart.</param>
public readonly record struct P2mStep(P2mAct Act, byte Actor, byte Argument);

/// <summary>Guest vCPUs that translate, a pager that serves them, a toolstack that finds memory, physical CPUs for all of them.</summary>
internal sealed partial class P2mSystem(P2mTrait traits, int vcpus, int pcpus, int pages) : ISystem<P2mState, P2mStep>
{
    private const int Pager = P2mState.MaxVcpus, Toolstack = Pager + 1, Others = Pager + 2;

    private bool Has(P2mTrait trait) => (traits & trait) != 0;

    public P2mState Start
    {
        get
        {
            var state = new P2mState { ServicePcpu = P2mState.NoPcpu, Free = 1, PagesItself = Has(P2mTrait.PagesItself) }
                .WithPage(0, GfnState.PagedOut).WithPage(1, GfnState.Shared);
            for (var vcpu = 0; vcpu < P2mState.MaxVcpus; vcpu++)
                state = state.WithHome(vcpu, P2mState.NoPcpu);
            return state;
        }
    }

    public void Next(P2mState state, Successors<P2mState, P2mStep> next)
    {
        if (state.Crashed)
            return;
        for (var vcpu = 0; vcpu < vcpus; vcpu++)
            NextOfVcpu(state, vcpu, next);
        NextOfPager(state, next);
        NextOfOthers(state, next);
    }

    private void NextOfVcpu(P2mState state, int vcpu, Successors<P2mState, P2mStep> next)
    {
        switch (state.Phase(vcpu))
        {
            case Out when !state.Dying && FreePcpu(state) is { } pcpu:
                for (var gfn = 0; gfn < pages; gfn++)
                    for (var outer = 0; outer < 2; outer++)
                        next.Add(new(P2mAct.Enters, (byte)vcpu, (byte)((gfn * 2) + outer)),
                            state.Asking(vcpu, gfn, outer == 1).WithHome(vcpu, pcpu)
                                .WithPhase(vcpu, outer == 0 || Has(P2mTrait.TranslatesFirst) ? WantsP2m : Has(P2mTrait.OuterSpins) ? SpinsForOuter : WantsOuter));
                break;
            case SpinsForOuter or WantsOuter or UsesAndWantsOuter when state.OuterOwner == P2mState.NoOwner:
                next.Add(new(P2mAct.TakesOuter, (byte)vcpu, 0),
                    (state with { OuterOwner = vcpu + 1 }).WithPhase(vcpu, state.Phase(vcpu) == UsesAndWantsOuter ? Uses : WantsP2m));
                break;
            case WantsOuter:
                next.Add(new(P2mAct.WaitsForOuter, (byte)vcpu, 0), OffCpu(state, vcpu).WithPhase(vcpu, WaitsForOuter));
                break;
            case WaitsForOuter when state.OuterOwner == P2mState.NoOwner:
                Schedule(state, vcpu, WantsOuter, next);
                break;
            case WantsP2m when state.P2mOwner == P2mState.NoOwner || state.P2mOwner == vcpu + 1:
                next.Add(new(P2mAct.TakesP2m, (byte)vcpu, 0), (state with { P2mOwner = vcpu + 1 }).WithPhase(vcpu, Looks));
                break;
            case Looks:
                next.Add(new(P2mAct.Looks, (byte)vcpu, 0), Look(state, vcpu));
                break;
            case GoesToSleep:
                next.Add(new(P2mAct.FallsAsleep, (byte)vcpu, 0), OffCpu(state, vcpu).WithPhase(vcpu, Asleep));
                break;
            case Ready:
                Schedule(state, vcpu, WantsP2m, next);
                break;
            case Uses:
                next.Add(new(P2mAct.Finishes, (byte)vcpu, 0), Leave(Unlock(state, vcpu), vcpu));
                break;
            case Unwinds or UnwindsToRetry:
                next.Add(new(P2mAct.Unwinds, (byte)vcpu, 0), Leave(Has(P2mTrait.UnwindKeepsLock) ? state : Unlock(state, vcpu), vcpu));
                break;
        }
    }

    // A translation, with the p2m lock held from its first look to its answer.
    private P2mState Look(P2mState state, int vcpu)
    {
        var gfn = state.Gfn(vcpu);
        var unlocked = state with { P2mOwner = P2mState.NoOwner };
        if (state.Dying)
            return unlocked.WithPhase(vcpu, Unwinds);
        switch (state.Page(gfn))
        {
            case GfnState.Present:
                return Answer(unlocked, vcpu);
            case GfnState.Shared when state.Free > 0:
                return Answer((unlocked with { Free = state.Free - 1 }).WithPage(gfn, GfnState.Present), vcpu);
            case GfnState.Shared:
                return Sleep(state, Notify(unlocked), vcpu);
            default:
                return Sleep(state, unlocked.WithPage(gfn, GfnState.Requested), vcpu);
        }
    }

    private P2mState Answer(P2mState state, int vcpu) =>
        state.WithRef(vcpu, !Has(P2mTrait.TakesNoRef))
            .WithPhase(vcpu, Has(P2mTrait.TranslatesFirst) && state.NeedsOuter(vcpu) ? UsesAndWantsOuter : Uses);

    private P2mState Sleep(P2mState locked, P2mState unlocked, int vcpu)
    {
        if (Has(P2mTrait.NeverSleeps))
            return unlocked.WithPhase(vcpu, UnwindsToRetry);
        if (Has(P2mTrait.BugWhenAtomic) && locked.OuterOwner == vcpu + 1)
            return unlocked with { Crashed = true };
        return (Has(P2mTrait.SleepsWithP2mLock) ? unlocked with { P2mOwner = vcpu + 1 } : unlocked).WithPhase(vcpu, GoesToSleep);
    }

    private void Schedule(P2mState state, int vcpu, VcpuPhase then, Successors<P2mState, P2mStep> next)
    {
        if (Has(P2mTrait.WakesOnSamePcpu))
        {
            if (state.IsPcpuFree(state.Home(vcpu)))
                next.Add(new(P2mAct.IsScheduled, (byte)vcpu, (byte)state.Home(vcpu)), state.WithPhase(vcpu, then));
        }
        else if (FreePcpu(state) is { } pcpu)
            next.Add(new(P2mAct.IsScheduled, (byte)vcpu, (byte)pcpu), state.WithHome(vcpu, pcpu).WithPhase(vcpu, then));
    }

    // Where a vCPU was matters only if it has to go back there.
    private P2mState OffCpu(P2mState state, int vcpu) => Has(P2mTrait.WakesOnSamePcpu) ? state : state.WithHome(vcpu, P2mState.NoPcpu);

    private static P2mState Unlock(P2mState state, int vcpu) =>
        state.OuterOwner == vcpu + 1 ? state with { OuterOwner = P2mState.NoOwner } : state;

    private static P2mState Leave(P2mState state, int vcpu) =>
        state.WithRef(vcpu, false).Asking(vcpu, 0, false).WithHome(vcpu, P2mState.NoPcpu).WithPhase(vcpu, Out);

    private P2mState Notify(P2mState state) =>
        Has(P2mTrait.NotifiesOnce) && state.EverNotified ? state : state with { Notified = true, EverNotified = Has(P2mTrait.NotifiesOnce) };

    // Physical CPUs are alike: the first free one stands for all.
    private int? FreePcpu(P2mState state)
    {
        for (var pcpu = 0; pcpu < pcpus; pcpu++)
            if (state.IsPcpuFree(pcpu))
                return pcpu;
        return null;
    }
}
