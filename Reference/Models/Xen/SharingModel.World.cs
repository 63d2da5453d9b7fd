using HvLab.Reference.Xen;

namespace HvLab.Reference.Models.Xen;

// What everybody sees of a state, and the one form in which a state is kept.
public sealed partial record SharingModel
{
    /// <summary>What every domain's pages and counters look like.</summary>
    public SharingWorld World()
    {
        var domains = new SharingDomainView[Domains.Count];
        for (var index = 0; index < domains.Length; index++)
            domains[index] = View(Domains[index]);
        var maps = new SharingPageView?[Maps.Count];
        for (var index = 0; index < maps.Length; index++)
            maps[index] = Maps[index] is { } map ? new SharingPageView(SharingPageState.Present, Frames[map.Frame].Content) : null;
        return new(Freed, Used, 0, [.. domains], [.. maps]);
    }

    private SharingDomainView View(SharingDomainState it)
    {
        if (it.Existence == SharingExistence.Gone)
            return SharingDomainView.Gone;
        var pages = new SharingPageView[it.Entries.Count];
        for (var page = 0; page < pages.Length; page++)
            pages[page] = it.Entries[page].Kind switch
            {
                SharingEntryKind.Hole => new(SharingPageState.Hole),
                SharingEntryKind.PagedOut => new(SharingPageState.PagedOut),
                _ => new(SharingPageState.Present, Frames[it.Entries[page].Frame].Content),
            };
        var life = it.Existence == SharingExistence.Crashed ? SharingLife.Crashed : it.Paused ? SharingLife.Paused : SharingLife.Running;
        return new(life, it.Owned, it.Shared, it.PagedOut, [.. pages]);
    }

    /// <summary>The same state, its frames numbered in the order in which entries and maps refer to them, and without those that nobody refers to.</summary>
    private SharingModel Canonical()
    {
        var number = new int[Frames.Count];
        Array.Fill(number, Stale);
        var frames = new List<SharingFrame>(Frames.Count);
        foreach (var it in Domains.AsSpan())
            foreach (ref readonly var entry in it.Entries.AsSpan())
                Meet(entry.Frame);
        foreach (ref readonly var map in Maps.AsSpan())
            Meet(map?.Frame ?? -1);
        if (frames.Count == Frames.Count && Array.TrueForAll(number, n => number[n] == n))
            return WithStale(this);

        var domains = new SharingDomainState[Domains.Count];
        for (var index = 0; index < domains.Length; index++)
            domains[index] = Domains[index] with
            {
                Entries = [.. Domains[index].Entries.Select(entry => entry.Frame < 0 ? entry : entry with { Frame = number[entry.Frame] })],
            };
        return WithStale(this with
        {
            Frames = [.. frames],
            Domains = [.. domains],
            Maps = [.. Maps.Select(map => map is { } held ? held with { Frame = number[held.Frame] } : map)],
            Handles = [.. Handles.Select(handle => handle < 0 ? handle : number[handle])],
        });

        void Meet(int frame)
        {
            if (frame < 0 || number[frame] != Stale)
                return;
            number[frame] = frames.Count;
            frames.Add(Frames[frame]);
        }
    }

    // A handle belongs to a frame's time as a shared one.
    private static SharingModel WithStale(SharingModel model)
    {
        var handles = model.Handles;
        for (var name = 0; name < handles.Count; name++)
            if (handles[name] >= 0 && !model.Frames[handles[name]].Shared)
                handles = handles.Set(name, Stale);
        return handles == model.Handles ? model : model with { Handles = handles };
    }
}
