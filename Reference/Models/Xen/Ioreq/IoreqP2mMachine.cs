namespace HvLab.Reference.Models.Xen.Ioreq;

/// <summary>What becomes of a call or of an access.</summary>
public enum P2mOutcome : byte { Ok, Busy, Invalid, Direct, ForwardedToA, ForwardedToB, Retried, Discarded, Emulated }

/// <summary>What Xen does to a p2m, for one design. Exploration and conformance use the same code.</summary>
/// <remarks>Each method gives the outcome and the p2m after it; none has a choice.</remarks>
public sealed class P2mMachine(IoreqDesign design)
{
    private readonly IoreqDesign _design = design;
    private readonly IoreqDefect _defect = design.Defect;

    public IoreqDesign Design => _design;

    /// <summary>The entry as whoever meets it finds it.</summary>
    public P2mEntry Resolved(P2mEntry entry, P2mGlobals globals)
    {
        if (!entry.Pending)
            return entry;
        var settled = entry.WithPending(false);
        if (!entry.IsChangeable || _defect == IoreqDefect.FinishChangesNothing)
            return settled;
        if (_design.Resolve == ResolveRule.ByChange)
            return globals.Change switch
            {
                P2mChange.IoreqToRam when entry.Type == P2mType.IoreqServer => settled.As(globals.RamBecomesLogDirty ? P2mType.RamLogDirty : P2mType.RamRw),
                P2mChange.RamToLogDirty when entry.Type == P2mType.RamRw => settled.As(P2mType.RamLogDirty),
                P2mChange.LogDirtyToRam when entry.Type == P2mType.RamLogDirty => settled.As(P2mType.RamRw),
                _ => settled,
            };
        if (_design.Resolve == ResolveRule.KeepWhileServer && entry.Type == P2mType.IoreqServer && globals.Owner != IoreqOwner.None
            && !(_defect == IoreqDefect.CleanTakesForwardedPages && globals.LogDirty))
            return settled;
        return settled.As(globals.RamBecomesLogDirty ? P2mType.RamLogDirty : P2mType.RamRw);
    }

    public P2mOutcome Attach<T>(ref P2m<T> p2m, IoreqOwner server) where T : struct, IP2mEntries<T>
    {
        if (p2m.Globals.Owner != IoreqOwner.None)
            return P2mOutcome.Busy;
        if (_design.RefusesServerWhileOutstanding && _defect != IoreqDefect.SecondServerAccepted && p2m.Outstanding > 0)
            return P2mOutcome.Busy;
        p2m = p2m.With(p2m.Globals.OwnedBy(server));
        return P2mOutcome.Ok;
    }

    /// <summary>Unmaps; where the design sweeps, <see cref="SweepOne"/> does the rest, page by page.</summary>
    public P2mOutcome Detach<T>(ref P2m<T> p2m, IoreqOwner server) where T : struct, IP2mEntries<T>
    {
        if (p2m.Globals.Owner != server && !(_defect == IoreqDefect.StrangerDetaches && p2m.Globals.Owner != IoreqOwner.None))
            return P2mOutcome.Invalid;
        var marks = _defect == IoreqDefect.StrangerDetaches && p2m.Globals.Owner != server;
        p2m = p2m.With(p2m.Globals.OwnedBy(IoreqOwner.None));
        if (!marks)
            ForgetMarks(ref p2m);
        if (p2m.Outstanding == 0 || _defect == IoreqDefect.EntriesLeftAfterDetach)
            return P2mOutcome.Ok;
        Change(ref p2m, P2mChange.IoreqToRam);
        if (_design.SweepsOnDetach)
            p2m = p2m.With(p2m.Globals.WithSweeping(true));
        return P2mOutcome.Ok;
    }

    public P2mOutcome Destroy<T>(ref P2m<T> p2m, IoreqOwner server) where T : struct, IP2mEntries<T>
    {
        if (p2m.Globals.Owner != server)
            return P2mOutcome.Ok; // it had nothing mapped
        if (_design.DestroyDetaches)
            return Detach(ref p2m, server);
        p2m = p2m.With(p2m.Globals.OwnedBy(IoreqOwner.None));
        ForgetMarks(ref p2m);
        return P2mOutcome.Ok;
    }

    /// <summary>One entry of a sweep. The order is Xen's choice; the sweep ends when nothing of the type is left.</summary>
    public void SweepOne<T>(ref P2m<T> p2m, int page) where T : struct, IP2mEntries<T>
    {
        p2m = p2m.With(page, Resolved(p2m.Entries[page], p2m.Globals));
        if (_defect == IoreqDefect.SweepStopsEarly || IsSwept(p2m))
            p2m = p2m.With(p2m.Globals.WithSweeping(false));
    }

    /// <summary>All of a sweep at once: nobody else was there.</summary>
    public void Sweep<T>(ref P2m<T> p2m) where T : struct, IP2mEntries<T>
    {
        for (var page = 0; page < p2m.Entries.Count && p2m.Globals.Sweeping; page++)
            if (p2m.Entries[page].Type == P2mType.IoreqServer)
                SweepOne(ref p2m, page);
    }

    /// <summary>Sets one page to the type that is forwarded.</summary>
    public P2mOutcome Mark<T>(ref P2m<T> p2m, int page) where T : struct, IP2mEntries<T>
    {
        if (p2m.Globals.Owner == IoreqOwner.None || Resolved(p2m.Entries[page], p2m.Globals).Type != P2mType.RamRw)
            return P2mOutcome.Invalid;
        return Set(ref p2m, page, P2mType.IoreqServer, p2m.Globals.Owner);
    }

    /// <summary>Sets one page to RAM, read-only RAM, or no RAM.</summary>
    public P2mOutcome SetPlain<T>(ref P2m<T> p2m, int page, P2mType to) where T : struct, IP2mEntries<T>
    {
        var from = Resolved(p2m.Entries[page], p2m.Globals).Type;
        var allowed = from switch
        {
            P2mType.IoreqServer => to == P2mType.RamRw,
            P2mType.MmioDm => to == P2mType.MmioDm,
            _ => true,
        };
        if (!allowed)
            return P2mOutcome.Invalid;
        var logged = to == P2mType.RamRw && p2m.Globals.LogDirty && !_design.UnmarkedRamIsNotLogged;
        return Set(ref p2m, page, logged ? P2mType.RamLogDirty : to, IoreqOwner.None);
    }

    private P2mOutcome Set<T>(ref P2m<T> p2m, int page, P2mType type, IoreqOwner mark) where T : struct, IP2mEntries<T>
    {
        var pending = _defect == IoreqDefect.SetSkipsResolution && p2m.Entries[page].Pending;
        p2m = p2m.With(page, p2m.Entries[page].WithPending(pending).As(type).Marked(mark));
        return P2mOutcome.Ok;
    }

    public P2mOutcome Read<T>(ref P2m<T> p2m, int page) where T : struct, IP2mEntries<T>
    {
        var entry = Resolved(p2m.Entries[page], p2m.Globals);
        p2m = p2m.With(page, entry);
        return entry.Type == P2mType.MmioDm ? P2mOutcome.Emulated : P2mOutcome.Direct;
    }

    public P2mOutcome Write<T>(ref P2m<T> p2m, int page) where T : struct, IP2mEntries<T>
    {
        var entry = Resolved(p2m.Entries[page], p2m.Globals);
        p2m = p2m.With(page, entry);
        switch (entry.Type)
        {
            case P2mType.RamLogDirty:
                p2m = p2m.With(page, entry.As(P2mType.RamRw).WithDirty(p2m.Globals.LogDirty && _defect != IoreqDefect.DirtyBitLost));
                return P2mOutcome.Direct;
            case P2mType.IoreqServer when _defect != IoreqDefect.WriteLandsInRam:
                return p2m.Globals.Owner switch
                {
                    IoreqOwner.None => P2mOutcome.Retried,
                    IoreqOwner.A when _defect != IoreqDefect.ForwardedToTheWrongServer => P2mOutcome.ForwardedToA,
                    _ => P2mOutcome.ForwardedToB,
                };
            case P2mType.RamRo:
                return P2mOutcome.Discarded;
            case P2mType.MmioDm:
                return P2mOutcome.Emulated;
            default:
                return P2mOutcome.Direct;
        }
    }

    public P2mOutcome EnableLogDirty<T>(ref P2m<T> p2m) where T : struct, IP2mEntries<T>
    {
        if (p2m.Globals.LogDirty)
            return P2mOutcome.Invalid;
        if (_design.RefusesLogDirtyWhileMapped && p2m.Globals.Owner != IoreqOwner.None)
            return P2mOutcome.Busy;
        if (_design.RefusesLogDirtyWhileOutstanding && _defect != IoreqDefect.LogDirtyAccepted && p2m.Outstanding > 0)
            return P2mOutcome.Busy;
        p2m = p2m.With(p2m.Globals.WithLogDirty(true));
        Change(ref p2m, P2mChange.RamToLogDirty);
        return P2mOutcome.Ok;
    }

    public P2mOutcome DisableLogDirty<T>(ref P2m<T> p2m) where T : struct, IP2mEntries<T>
    {
        if (!p2m.Globals.LogDirty)
            return P2mOutcome.Ok;
        p2m = p2m.With(p2m.Globals.WithLogDirty(false));
        ForgetDirty(ref p2m);
        Change(ref p2m, P2mChange.LogDirtyToRam);
        return P2mOutcome.Ok;
    }

    public P2mOutcome CleanDirty<T>(ref P2m<T> p2m) where T : struct, IP2mEntries<T>
    {
        if (!p2m.Globals.LogDirty && !_design.CleanProtectsWithoutLogging)
            return P2mOutcome.Ok;
        ForgetDirty(ref p2m);
        if (_defect != IoreqDefect.CleanProtectsNothing)
            Change(ref p2m, P2mChange.RamToLogDirty);
        return P2mOutcome.Ok;
    }

    /// <summary>change_entry_type_global(): every entry is to be recalculated when it is next met.</summary>
    private void Change<T>(ref P2m<T> p2m, P2mChange change) where T : struct, IP2mEntries<T>
    {
        if (_design.ResolvesBeforeSecondChange)
            for (var page = 0; page < p2m.Entries.Count; page++)
                p2m = p2m.With(page, Resolved(p2m.Entries[page], p2m.Globals));
        var logs = _design.LastChangeDecidesLogging ? change == P2mChange.RamToLogDirty : p2m.Globals.LogDirty;
        var globals = p2m.Globals.WithRamBecomingLogDirty(logs);
        p2m = p2m.With(_design.Resolve == ResolveRule.ByChange ? globals.With(change) : globals);
        for (var page = 0; page < p2m.Entries.Count; page++)
            if (p2m.Entries[page] is { IsChangeable: true, Pending: false } entry)
                p2m = p2m.With(page, entry.WithPending(true));
    }

    private static void ForgetMarks<T>(ref P2m<T> p2m) where T : struct, IP2mEntries<T>
    {
        for (var page = 0; page < p2m.Entries.Count; page++)
            if (p2m.Entries[page].MarkedBy != IoreqOwner.None)
                p2m = p2m.With(page, p2m.Entries[page].Marked(IoreqOwner.None));
    }

    private static void ForgetDirty<T>(ref P2m<T> p2m) where T : struct, IP2mEntries<T>
    {
        for (var page = 0; page < p2m.Entries.Count; page++)
            if (p2m.Entries[page].Dirty)
                p2m = p2m.With(page, p2m.Entries[page].WithDirty(false));
    }

    private static bool IsSwept<T>(in P2m<T> p2m) where T : struct, IP2mEntries<T> => p2m.Outstanding == 0;
}
