using HvLab.Reference.Models.Exploration;
using static HvLab.Reference.Models.Xen.P2mWaitQueue.VcpuPhase;

namespace HvLab.Reference.Models.Xen.P2mWaitQueue;

// Steps in words.
internal sealed partial class P2mSystem
{
    internal const string Hypervisor = "p2m";

    internal static string NameOf(int actor) => actor switch
    {
        Pager => "pager",
        Toolstack => "toolstack",
        Others => "other domains",
        _ => $"vcpu {actor}",
    };

    public StepText Tell(P2mState from, P2mStep step, P2mState to)
    {
        var vcpu = step.Actor;
        var (operation, on) = step.Act switch
        {
            P2mAct.Enters => ($"enters Xen on pcpu {to.Home(vcpu)} to translate {Gfn(to.Gfn(vcpu))}{(to.NeedsOuter(vcpu) ? ", with work that needs the outer lock" : "")}", null),
            P2mAct.TakesOuter => ("takes the outer lock", null),
            P2mAct.WaitsForOuter => ("sleeps until the outer lock is free", null),
            P2mAct.TakesP2m => ("takes the p2m lock", Hypervisor),
            P2mAct.Looks => ($"looks {Gfn(from.Gfn(vcpu))} up: {Found(from, to, vcpu)}", Hypervisor),
            P2mAct.FallsAsleep => (vcpu == Pager ? "sleeps on a wait queue in its foreign map" : "gives its physical CPU up and sleeps", null),
            P2mAct.IsScheduled => ($"runs again on pcpu {step.Argument}", null),
            P2mAct.Finishes => ("uses the mfn, drops its reference and locks, leaves Xen", null),
            P2mAct.Unwinds => (from.Phase(vcpu) == UnwindsToRetry ? "unwinds and leaves Xen: try again" : "unwinds and leaves Xen with an error", null),
            P2mAct.Serves => ("is scheduled to serve the request", null),
            P2mAct.MakesPage => (from.Free == 0 ? "finds no memory for the page" : "has a frame for the page and fills it", null),
            P2mAct.TakesOuterToKick => ("takes the outer lock to fix up", null),
            P2mAct.Kicks => ("takes the p2m lock, fixes the entry up and kicks", Hypervisor),
            P2mAct.FreesMemory => ("frees memory and kicks", Hypervisor),
            P2mAct.Evicts => ("pages gfn 0 out", Hypervisor),
            P2mAct.Shares => ("have gfn 1 shared again", Hypervisor),
            P2mAct.TakesFrame => ("take a frame", null),
            P2mAct.Destroys => ("destroys the domain", Hypervisor),
            _ => ("sets the destroy flag", (string?)Hypervisor),
        };
        return new(NameOf(step.Actor), operation, Belief.Changes(Beliefs(from), Beliefs(to)), on);
    }

    private static string Gfn(int gfn) => $"gfn {gfn}";

    private static string Found(P2mState from, P2mState to, int vcpu) => to.Crashed
        ? "it has to sleep with a lock held: BUG"
        : to.Phase(vcpu) switch
        {
            Unwinds => "the domain is dying",
            UnwindsToRetry => "not there, try again",
            GoesToSleep => from.Page(from.Gfn(vcpu)) == GfnState.Shared ? "shared, and no memory to copy it; queues itself" : "paged out; queues itself",
            _ => from.Page(from.Gfn(vcpu)) == GfnState.Shared ? "shared, copied" : to.HasRef(vcpu) ? "there, with a reference" : "there",
        };

    private IEnumerable<Belief> Beliefs(P2mState state)
    {
        for (var vcpu = 0; vcpu < vcpus; vcpu++)
            if (state.Phase(vcpu) is not (Out or Looks))
                yield return new(NameOf(vcpu), state.Phase(vcpu) switch
                {
                    SpinsForOuter or UsesAndWantsOuter => $"spins on pcpu {state.Home(vcpu)} for the outer lock",
                    WantsOuter => "wants the outer lock",
                    WaitsForOuter => "sleeps for the outer lock",
                    WantsP2m => "wants the p2m lock",
                    GoesToSleep => $"waits for {Gfn(state.Gfn(vcpu))}{Holding(state, vcpu)}",
                    Asleep => $"asleep for {Gfn(state.Gfn(vcpu))}{Holding(state, vcpu)}",
                    Ready => $"is woken and has no pcpu{Holding(state, vcpu)}",
                    Uses => $"believes that {Gfn(state.Gfn(vcpu))} stays where it is",
                    _ => "has an error",
                });
        for (var gfn = 0; gfn < pages; gfn++)
            yield return new(Gfn(gfn), state.Page(gfn) switch
            {
                GfnState.Present => "present",
                GfnState.PagedOut => "paged out",
                GfnState.Requested => "paged out, the pager is asked",
                _ => "shared",
            });
        yield return new("outer lock", state.OuterOwner == P2mState.NoOwner ? "free" : $"held by {NameOf(state.OuterOwner - 1)}");
        yield return new("p2m lock", state.P2mOwner == P2mState.NoOwner ? "free" : $"held by {NameOf(state.P2mOwner - 1)}");
        yield return new("free frames", $"{state.Free}");
        if (state.Notified)
            yield return new("toolstack", "is told that memory lacks");
        if (state.Dying)
            yield return new("domain", "dying");
    }

    private static string Holding(P2mState state, int vcpu) =>
        (state.OuterOwner == vcpu + 1, state.P2mOwner == vcpu + 1) switch
        {
            (true, true) => ", holding the outer and the p2m lock",
            (true, false) => ", holding the outer lock",
            (false, true) => ", holding the p2m lock",
            _ => "",
        };
}
