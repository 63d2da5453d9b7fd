using HvLab.Reference.Xen;
using static HvLab.Reference.Xen.SharingAnswer;

namespace HvLab.Reference.Models.Xen;

using Allowed = Allowed<SharingModel, SharingSeen>;

// The memory operations of the toolstack: nominate, share, and what goes with them.
public sealed partial record SharingModel
{
    public Allowed Control(SharingDomain domain, bool enable)
    {
        var it = At(domain);
        return it.Existence == SharingExistence.Gone
            ? Fail(XenError.Esrch, SharingRules.NoSuchDomain)
            : Only(new Done(), With(domain.Index, it with { Enabled = enable }), SharingRules.UnshareLazily);
    }

    public Allowed Nominate(SharingDomain domain, Gfn page, SharingHandle into)
    {
        if (Forbids(domain) is { } forbidden)
            return forbidden;
        if (!Setup.IsWatched(page))
            return Fail(XenError.Einval, SharingRules.NotPopulated);
        var then = TryNominate(domain.Index, Setup.IndexOf(page), out var failed);
        if (failed is { } errno)
            return Fail(errno, errno == XenError.E2big ? SharingRules.ReferencedElsewhere : SharingRules.NotPopulated);
        var frame = then.EntryOf(domain.Index, Setup.IndexOf(page)).Frame;
        ValueList<SharingHandle> sameAs = [];
        for (var name = 0; name < then.Handles.Count; name++)
            if (then.Handles[name] == frame)
                sameAs = sameAs.Add(new(name));
        return Only(new Nominated(sameAs), then with { Handles = then.Handles.Set(into.Index, frame) }, SharingRules.SameHandle);
    }

    public Allowed Share(SharingPage source, SharingHandle sourceHandle, SharingPage client, SharingHandle clientHandle)
    {
        if ((Forbids(source.Domain) ?? Forbids(client.Domain)) is { } forbidden)
            return forbidden;
        var from = FrameOf(source, sourceHandle);
        var to = FrameOf(client, clientHandle);
        // Which of two bad handles is found first is the order of their frames' addresses.
        if (from < 0 || to < 0)
            return Allowed.None
                .OrIf(from < 0, new(new Failed(XenError.Echild), World()), this, SharingRules.SourceHandle)
                .OrIf(to < 0, new(new Failed(XenError.Ebadf), World()), this, SharingRules.ClientHandle);
        return Only(new Done(), from == to ? this : Merge(from, to), SharingRules.SameFrame);
    }

    public Allowed AddToPhysmap(SharingPage source, SharingHandle sourceHandle, SharingPage client)
    {
        if ((Forbids(source.Domain) ?? Forbids(client.Domain)) is { } forbidden)
            return forbidden;
        var from = FrameOf(source, sourceHandle);
        var entry = EntryOf(client);
        var fits = entry.Kind is SharingEntryKind.Hole or SharingEntryKind.PagedOut && Setup.IsWatched(client.Gfn);
        if (from < 0 || !fits)
            return Allowed.None
                .OrIf(from < 0, new(new Failed(XenError.Echild), World()), this, SharingRules.SourceHandle)
                .OrIf(!fits, new(new Failed(XenError.Ebadf), World()), this, SharingRules.NotSuitable);

        var page = Setup.IndexOf(client.Gfn);
        var then = WithFrame(from, Frames[from] with { References = Frames[from].References + 1 })
            .WithEntry(client.Domain.Index, page, new(SharingEntryKind.Shared, from)) with { Freed = Freed + 1 };
        var it = then.Domains[client.Domain.Index];
        it = it with
        {
            Shared = it.Shared + 1,
            PagedOut = it.PagedOut - (entry.Kind == SharingEntryKind.PagedOut ? 1 : 0),
            Dirty = Logged(it, page),
        };
        return Only(new Done(), then.With(client.Domain.Index, it), SharingRules.AddToPhysmap);
    }

    public Allowed RangeShare(SharingDomain source, SharingDomain client, Gfn first, Gfn last)
    {
        if ((Forbids(source) ?? Forbids(client)) is { } forbidden)
            return forbidden;
        if (!(At(source).Paused && At(client).Paused) && !Has(SharingDefect.RangeIgnoresPause))
            return Fail(XenError.Einval, SharingRules.RangePaused);
        if (!Setup.IsWatched(first) || !Setup.IsWatched(last))
            return Fail(XenError.Einval, SharingRules.RangeSize);
        var then = this;
        for (var page = Setup.IndexOf(first); page <= Setup.IndexOf(last); page++)
        {
            then = then.TryNominate(source.Index, page, out var failed);
            if (failed is not null)
                continue;
            then = then.TryNominate(client.Index, page, out failed);
            if (failed is null)
                then = then.Merge(then.EntryOf(source.Index, page).Frame, then.EntryOf(client.Index, page).Frame);
        }
        return Only(new Done(), then, SharingRules.RangeSkips);
    }

    public Allowed CountReferences(SharingDomain domain, Gfn page)
    {
        if (Forbids(domain) is { } forbidden)
            return forbidden;
        var entry = EntryOf(new(domain, page));
        return entry.Kind == SharingEntryKind.Shared
            ? Only(new References(Frames[entry.Frame].References), this, SharingRules.Debug)
            : Fail(XenError.Einval, SharingRules.Debug);
    }

    /// <summary>The answer of a memory operation on a domain that may not do it, or null.</summary>
    private Allowed? Forbids(SharingDomain domain) =>
        At(domain).Existence == SharingExistence.Gone ? Fail(XenError.Esrch, SharingRules.NoSuchDomain)
        : !At(domain).Enabled ? Fail(XenError.Einval, SharingRules.NotEnabled)
        : null;

    private SharingEntry EntryOf(int domain, int page) => Domains[domain].Entries[page];

    private SharingEntry EntryOf(SharingPage page) =>
        Setup.IsWatched(page.Gfn) ? EntryOf(page.Domain.Index, Setup.IndexOf(page.Gfn)) : SharingEntry.Hole;

    /// <summary>The frame of a page for which the handle is the right one, or -1.</summary>
    private int FrameOf(SharingPage page, SharingHandle handle)
    {
        var entry = EntryOf(page);
        return entry.Kind == SharingEntryKind.Shared && (Has(SharingDefect.StaleHandleAccepted) || (handle.Index >= 0 && Handles[handle.Index] == entry.Frame))
            ? entry.Frame
            : -1;
    }

    private SharingModel TryNominate(int domain, int page, out XenError? failed)
    {
        var entry = EntryOf(domain, page);
        failed = entry.Kind switch
        {
            SharingEntryKind.Shared => null,
            SharingEntryKind.Private => IsMapped(entry.Frame) ? XenError.E2big : null,
            _ => XenError.Einval,
        };
        if (failed is not null || entry.Kind == SharingEntryKind.Shared)
            return this;
        var it = Domains[domain];
        return WithFrame(entry.Frame, Frames[entry.Frame] with { Shared = true, References = 1 })
            .With(domain, it with
            {
                Owned = it.Owned - 1,
                Shared = it.Shared + 1,
                Entries = it.Entries.Set(page, entry with { Kind = SharingEntryKind.Shared }),
            }) with { Used = Used + 1 };
    }

    /// <summary>Every page that the client's frame backs is backed by the source's from now on.</summary>
    private SharingModel Merge(int source, int client)
    {
        if (source == client)
            return this;
        var then = WithFrame(source, Frames[source] with { References = Frames[source].References + Frames[client].References })
            .WithFrame(client, Frames[client] with { Shared = false, References = 0 }) with { Freed = Freed + 1, Used = Used - 1 };
        var changes = Frames[source].Content != Frames[client].Content;
        for (var index = 0; index < Domains.Count; index++)
            for (var page = 0; page < Domains[index].Entries.Count; page++)
                if (EntryOf(index, page) is { Kind: SharingEntryKind.Shared } entry && entry.Frame == client)
                {
                    then = then.WithEntry(index, page, entry with { Frame = source });
                    if (changes)
                        then = then.With(index, then.Domains[index] with { Dirty = Logged(then.Domains[index], page) });
                }
        return then;
    }

    private static IndexSet Logged(SharingDomainState it, int page) => it.LogDirty ? it.Dirty.With(page) : it.Dirty;
}
