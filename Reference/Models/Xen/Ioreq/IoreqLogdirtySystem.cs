using HvLab.Reference.Models.Exploration;
using static HvLab.Reference.Models.Xen.Ioreq.IoreqStepKind;

namespace HvLab.Reference.Models.Xen.Ioreq;

/// <summary>Two servers, a guest and a toolstack over a few pages, in every order.</summary>
/// <remarks>Calls that are refused without a question (a second map by the owner, a mark with no server) change nothing and are left out.</remarks>
public sealed class IoreqLogdirtySystem(IoreqDesign design, int pages) : ISystem<IoreqLogdirtyState, IoreqStep>
{
    private static readonly IoreqOwner[] Servers = [IoreqOwner.A, IoreqOwner.B];
    private readonly P2mMachine _machine = new(design);

    public IoreqLogdirtyState Start { get; } = IoreqLogdirtyState.Of(new(PackedEntries.OfRam(pages), P2mGlobals.Of(design)));

    public void Next(IoreqLogdirtyState state, Successors<IoreqLogdirtyState, IoreqStep> next)
    {
        ArgumentNullException.ThrowIfNull(next);
        var now = state.P2m;
        NextOfServers(now, next);
        for (var page = 0; page < pages; page++)
        {
            var entry = now.Entries[page];
            if (!IsPlain(entry, now.Globals))
                Take(now, new(Write, (byte)page, default, default), next);
            if (entry.Pending)
                Take(now, new(Read, (byte)page, default, default), next);
            if (now.Globals.Owner != IoreqOwner.None && entry.Type == P2mType.RamRw || entry.Pending)
                Take(now, new(Mark, (byte)page, now.Globals.Owner, default), next);
            if (entry.Type != P2mType.RamRw || entry.Pending)
                Take(now, new(Unmark, (byte)page, default, default), next);
            if (now.Globals.Sweeping && entry.Type == P2mType.IoreqServer)
                Take(now, new(SweepOne, (byte)page, default, default), next);
        }
        Take(now, new(now.Globals.LogDirty ? DisableLogDirty : EnableLogDirty, 0, default, default), next);
        if (now.Globals.LogDirty)
            Take(now, new(CleanDirty, 0, default, default), next);
    }

    private void NextOfServers(in P2m<PackedEntries> now, Successors<IoreqLogdirtyState, IoreqStep> next)
    {
        foreach (var server in Servers)
            if (now.Globals.Owner == IoreqOwner.None)
                Take(now, new(Attach, 0, server, default), next);
            else
            {
                Take(now, new(Detach, 0, server, default), next);
                if (now.Globals.Owner == server)
                    Take(now, new(Destroy, 0, server, default), next);
            }
    }

    private void Take(P2m<PackedEntries> p2m, IoreqStep step, Successors<IoreqLogdirtyState, IoreqStep> next)
    {
        var before = p2m;
        var outcome = P2mOutcome.Ok;
        switch (step.Kind)
        {
            case Attach: outcome = _machine.Attach(ref p2m, step.Server); break;
            case Detach: outcome = _machine.Detach(ref p2m, step.Server); break;
            case Destroy: outcome = _machine.Destroy(ref p2m, step.Server); break;
            case Mark: outcome = _machine.Mark(ref p2m, step.Page); break;
            case Unmark: outcome = _machine.SetPlain(ref p2m, step.Page, P2mType.RamRw); break;
            case Read: outcome = _machine.Read(ref p2m, step.Page); break;
            case Write: outcome = _machine.Write(ref p2m, step.Page); break;
            case SweepOne: _machine.SweepOne(ref p2m, step.Page); break;
            case EnableLogDirty: outcome = _machine.EnableLogDirty(ref p2m); break;
            case DisableLogDirty: outcome = _machine.DisableLogDirty(ref p2m); break;
            default: outcome = _machine.CleanDirty(ref p2m); break;
        }
        if (p2m == before && step.Kind is not (Write or Attach or EnableLogDirty))
            return; // no claim is about a call that changes nothing, but for these
        next.Add(step with { Outcome = outcome }, IoreqLogdirtyState.Of(p2m));
    }

    /// <summary>RAM that nobody claims and nobody logs, or that is dirty already: a write to it changes nothing and breaks nothing.</summary>
    private static bool IsPlain(P2mEntry entry, P2mGlobals globals) =>
        entry.Type == P2mType.RamRw && !entry.Pending && entry.MarkedBy == IoreqOwner.None && (!globals.LogDirty || entry.Dirty);

    /// <summary>Pages have no names but the ones we give them.</summary>
    public IoreqLogdirtyState Canonical(IoreqLogdirtyState state)
    {
        var p2m = state.P2m;
        return IoreqLogdirtyState.Of(p2m with { Entries = p2m.Entries.Sorted() });
    }

    public StepText Tell(IoreqLogdirtyState from, IoreqStep step, IoreqLogdirtyState to) => IoreqLogdirtyWords.Tell(from.P2m, step, to.P2m);
}
