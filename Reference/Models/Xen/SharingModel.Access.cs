using HvLab.Reference.Xen;
using static HvLab.Reference.Xen.SharingAnswer;

namespace HvLab.Reference.Models.Xen;

using Allowed = Allowed<SharingModel, SharingSeen>;

// Who reads and who writes: guests, dom0's maps, and the copy that a writer gets.
public sealed partial record SharingModel
{
    public Allowed Write(SharingDomain domain, VcpuId vcpu, Gfn page, SharingWord word, uint value)
    {
        if (!IsAtRest(domain, vcpu, out var it) || EntryOf(new(domain, page)).Kind is SharingEntryKind.Hole or SharingEntryKind.PagedOut)
            return Refuse;
        var begun = it.Vcpus.Set(vcpu.Value, new(Unfinished: true, Setup.IndexOf(page), word, value));
        return Finish(domain, vcpu, With(domain.Index, it with { Vcpus = begun }), SharingRules.HandleInvalidated);
    }

    public Allowed Read(SharingDomain domain, VcpuId vcpu, Gfn page, SharingWord word)
    {
        if (!IsAtRest(domain, vcpu, out _) || EntryOf(new(domain, page)) is not { Kind: SharingEntryKind.Private or SharingEntryKind.Shared } entry)
            return Refuse;
        return Only(new Value(Frames[entry.Frame].Content[word]), this);
    }

    public Allowed Await(SharingDomain domain, VcpuId vcpu) =>
        !IsAlive(domain, out var it) || it.Paused || vcpu.Value >= it.Vcpus.Count || !it.Vcpus[vcpu.Value].Unfinished
            ? Refuse
            : Finish(domain, vcpu, this);

    public Allowed Map(SharingMap map, SharingDomain domain, Gfn page, bool writable)
    {
        var it = At(domain);
        if (it.Existence == SharingExistence.Gone || Maps[map.Index] is not null || EntryOf(new(domain, page)) is { Kind: SharingEntryKind.PagedOut })
            return Refuse;
        var entry = EntryOf(new(domain, page));
        if (entry.Kind == SharingEntryKind.Hole)
            return Fail(XenError.Einval, SharingRules.MapHole);
        var then = this;
        if (entry.Kind == SharingEntryKind.Shared && (writable ? !Has(SharingDefect.WritableMapLeavesShared) : Has(SharingDefect.ReadOnlyMapUnshares)))
        {
            then = Unshare(domain.Index, Setup.IndexOf(page), out var enough);
            if (!enough)
                return Only(new Failed(XenError.Enomem), Asked(domain.Index, new(Setup.IndexOf(page), 0, Paused: false)), SharingRules.ForeignEnomem);
        }
        var frame = then.EntryOf(domain.Index, Setup.IndexOf(page)).Frame;
        return Only(new Done(), then with { Maps = then.Maps.Set(map.Index, new(domain.Index, frame, writable)) }, writable ? SharingRules.WritableUnshares : SharingRules.ReadOnlyStays);
    }

    public Allowed WriteMap(SharingMap map, SharingWord word, uint value) =>
        Maps[map.Index] is not { Writable: true } held
            ? Refuse
            : Only(new Done(), WithFrame(held.Frame, Frames[held.Frame] with { Content = Frames[held.Frame].Content.With(word, value) }));

    public Allowed Unmap(SharingMap map) =>
        Maps[map.Index] is null ? Refuse : Only(new Done(), this with { Maps = Maps.Set(map.Index, null) });

    public Allowed Remove(SharingDomain domain, Gfn page)
    {
        var it = At(domain);
        if (it.Existence == SharingExistence.Gone || !Setup.IsWatched(page) || Maps.Any(map => map is not null))
            return Refuse;
        var index = Setup.IndexOf(page);
        var entry = it.Entries[index];
        if (it.IsBusyWith(index) || entry.Kind == SharingEntryKind.PagedOut)
            return Refuse;
        if (entry.Kind == SharingEntryKind.Hole)
            return Fail(XenError.Einval, SharingRules.RemoveHole);
        var then = this;
        if (entry.Kind == SharingEntryKind.Shared)
        {
            then = Unshare(domain.Index, index, out var enough);
            if (!enough)
                return Only(new Failed(XenError.Einval), Asked(domain.Index, new(index, 0, Paused: false)), SharingRules.RemoveUnshares);
        }
        then = then.WithEntry(domain.Index, index, SharingEntry.Hole);
        return Only(new Done(), then.With(domain.Index, then.Domains[domain.Index] with { Owned = then.Domains[domain.Index].Owned - 1 }), SharingRules.RemoveUnshares);
    }

    public Allowed Populate(SharingDomain domain, Gfn page)
    {
        var it = At(domain);
        if (it.Existence == SharingExistence.Gone || !Setup.IsWatched(page) || it.LogDirty || EntryOf(new(domain, page)).Kind != SharingEntryKind.Hole)
            return Refuse;
        if (!it.HasRoom)
            return Fail(XenError.Ebusy, SharingRules.PopulateLimit);
        var then = this with { Frames = Frames.Add(Fresh(Setup.IndexOf(page))) };
        return Only(new Done(), then.WithEntry(domain.Index, Setup.IndexOf(page), new(SharingEntryKind.Private, Frames.Count))
            .With(domain.Index, then.Domains[domain.Index] with
            {
                Owned = it.Owned + 1,
                Entries = it.Entries.Set(Setup.IndexOf(page), new(SharingEntryKind.Private, Frames.Count)),
            }));
    }

    /// <summary>Lets everybody who can go on do so, and says how far this vCPU came.</summary>
    private static Allowed Finish(SharingDomain domain, VcpuId vcpu, SharingModel begun, Rule? rule = null)
    {
        var then = begun.Settled();
        var it = then.Domains[domain.Index];
        return it.Existence == SharingExistence.Crashed ? Only(new Crashed(), then, SharingRules.NoHelperCrashes)
            : it.Vcpus[vcpu.Value] is { Unfinished: true, Paused: false } ? Spins(then)
            : it.Vcpus[vcpu.Value].Unfinished ? Only(new Waiting(), then, SharingRules.EnomemRequest)
            : Only(new Done(), then, rule);
    }

    /// <summary>Each try counts the page as saved no more, and as saved again when it fails: a look may fall between the two.</summary>
    private static Allowed Spins(SharingModel then)
    {
        var settled = then.Canonical();
        var world = settled.World();
        return Allowed.Only(new(new Spinning(), world), settled, SharingRules.RingFull)
            .Or(new(new Spinning(), world with { Freed = world.Freed - 1 }), settled, SharingRules.UndoneOnRetry);
    }

    /// <summary>Every vCPU that is not paused has tried its write as far as it comes.</summary>
    private SharingModel Settled()
    {
        var then = this;
        for (var index = 0; index < Domains.Count; index++)
            for (var vcpu = 0; vcpu < Domains[index].Vcpus.Count; vcpu++)
                if (then.Domains[index] is { Existence: SharingExistence.Alive, Paused: false } it && it.Vcpus[vcpu] is { Unfinished: true, Paused: false })
                    then = then.Try(index, vcpu);
        return then;
    }

    private SharingModel Try(int domain, int vcpu)
    {
        var now = Domains[domain].Vcpus[vcpu];
        var then = this;
        var enough = true;
        if (EntryOf(domain, now.Page).Kind == SharingEntryKind.Shared)
            then = Unshare(domain, now.Page, out enough);
        if (enough || Has(SharingDefect.FailedBreakWritesThrough))
        {
            var it = then.Domains[domain];
            var frame = then.EntryOf(domain, now.Page).Frame;
            return then
                .With(domain, it with { Vcpus = it.Vcpus.Set(vcpu, default), Dirty = Has(SharingDefect.BreakIsNotLogged) && then != this ? it.Dirty : Logged(it, now.Page) })
                .WithFrame(frame, then.Frames[frame] with { Content = then.Frames[frame].Content.With(now.Word, now.Value) });
        }
        var refused = Domains[domain];
        if (!refused.Ring && !Has(SharingDefect.NoHelperWaits))
            return With(domain, refused with { Existence = SharingExistence.Crashed });
        if (refused.Ring && refused.Requests.Count + refused.Taken.Count >= Setup.RingSlots)
            return this; // it tries again and again
        var asked = Asked(domain, new(now.Page, vcpu, Paused: true));
        return asked.With(domain, asked.Domains[domain] with { Vcpus = refused.Vcpus.Set(vcpu, now with { Paused = true }) });
    }

    /// <summary>A request on the ring, if there is one and it has a slot.</summary>
    private SharingModel Asked(int domain, SharingRequest request)
    {
        var it = Domains[domain];
        return !it.Ring || it.Requests.Count + it.Taken.Count >= Setup.RingSlots || Has(SharingDefect.RequestLost)
            ? this
            : With(domain, it with { Requests = it.Requests.Add(request) });
    }

    /// <summary>The page gets a frame of its own: the shared one where nobody else has it, else a copy.</summary>
    /// <param name="enough">False where the domain may not own one more page: nothing was done.</param>
    private SharingModel Unshare(int domain, int page, out bool enough)
    {
        var it = Domains[domain];
        var entry = it.Entries[page];
        var frame = Frames[entry.Frame];
        enough = true;
        var owner = it with { Owned = it.Owned + 1, Shared = it.Shared - 1, Dirty = Has(SharingDefect.BreakIsNotLogged) ? it.Dirty : Logged(it, page) };
        if (frame.References == 1)
        {
            if (Has(SharingDefect.HandleSurvivesWrite))
                return this;
            return WithFrame(entry.Frame, frame with { Shared = false, References = 0 })
                .With(domain, owner with { Entries = it.Entries.Set(page, entry with { Kind = SharingEntryKind.Private }) })
                with { Used = Used - (Has(SharingDefect.UsedNotTakenBack) ? 0 : 1) };
        }
        if (!it.HasRoom && !Has(SharingDefect.LimitIgnored))
        {
            enough = false;
            return this;
        }
        if (Has(SharingDefect.BreakDoesNotCopy))
            return this;
        var copy = new SharingFrame(Has(SharingDefect.CopyIsPartial) ? frame.Content.With(SharingWord.Last, 0) : frame.Content);
        return (WithFrame(entry.Frame, frame with { References = frame.References - (Has(SharingDefect.ReferenceNotDropped) ? 0 : 1) }) with
        {
            Frames = Frames.Set(entry.Frame, frame with { References = frame.References - (Has(SharingDefect.ReferenceNotDropped) ? 0 : 1) }).Add(copy),
            Freed = Freed - (Has(SharingDefect.FreedNotTakenBack) ? 0 : 1),
        }).With(domain, owner with { Entries = it.Entries.Set(page, new(SharingEntryKind.Private, Frames.Count)) });
    }
}
