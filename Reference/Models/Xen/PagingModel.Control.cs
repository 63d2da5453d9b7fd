using HvLab.Reference.Xen;
using static HvLab.Reference.Xen.PagingSeen;

namespace HvLab.Reference.Models.Xen;

using Allowed = Allowed<PagingModel, PagingSeen>;

// What dom0 does beside the pager, and the domain's end.
public sealed partial record PagingModel
{
    // Foreign requests carry the number of dom0's vCPU; it has one.
    private static VcpuId ControlVcpu => new(0);

    public Allowed Map(Gfn page, bool writable) => Life == DomainLife.Destroyed || !Setup.Has(page) || At(page).Map != DomMap.None
        ? Refuse
        : With(page, At(page) with { Map = DomMap.Waiting }).Over(state => state.LookAtMap(page), [page]);

    public Allowed AwaitMap(Gfn page)
    {
        if (!Setup.Has(page) || At(page).Map is not (DomMap.Waiting or DomMap.Made))
            return Refuse;
        if (Life != DomainLife.Destroyed)
            return Over(state => state.LookAtMap(page), [page]);
        // A map that was made before the end stays; one that still waited has nothing left to wait for.
        return At(page).Map == DomMap.Made ? LookAtMap(page)
            : Error(XenError.Esrch, With(page, At(page) with { Map = DomMap.None }), PagingRules.DestructionWakes);
    }

    public Allowed Unmap(Gfn page) => !Setup.Has(page) || At(page).Map != DomMap.Held
        ? Refuse
        : Over(state => Allowed.Only(new Done(), state.With(page, state.At(page) with { Map = DomMap.None })), [page]);

    public Allowed SetMemType(Gfn page) => !Setup.Has(page) ? Refuse : OfXen(state => state.At(page).IsPaging
        ? Error(XenError.Eagain, state.PopulateForeign(page), PagingRules.Populate)
        : Allowed.Only(new Done(), state), [page]);

    public Allowed Remove(Gfn page) => !Setup.Has(page) || At(page).Map != DomMap.None ? Refuse : OfXen(state =>
        state.At(page).Kind == PageKind.Hole
            ? state.Error(XenError.Einval)
            : Allowed.Only(new Done(), state.TakeAway(page, byGuest: false), PagingRules.Drop), [page]);

    public Allowed LimitMemory(int spare) => OfXen(state => Allowed.Only(new Done(), state with { Spare = spare }));

    public Allowed Count() => OfXen(state => Allowed.Only(new Counts(state.PagedPages, state.Present), state));

    public Allowed Destroy() => Life == DomainLife.Destroyed ? Refuse : Over(state =>
    {
        // A map is made or it is not: nothing new comes once the domain dies.
        var kept = state.Pages.Where(page => page.IsMapped);
        var gone = new PagingModel
        {
            Setup = Setup, Life = DomainLife.Destroyed, Vcpus = Has(PagingDefect.DestructionLeavesSleeper) && state.Queue.Count > 0 ? state.Vcpus : [],
            Pages = [.. state.Pages.Select(page => new GuestPage(PageKind.Hole, page.Word, page.Map))],
        };
        return Allowed.Only(kept.Count > 0 || gone.Vcpus.Count > 0 ? new Dying() : new Gone(), gone, PagingRules.DestructionDrains);
    }, []);

    public Allowed AwaitDestroyed() => Life != DomainLife.Destroyed ? Refuse
        : Allowed.Only(Pages.Where(page => page.IsMapped).Count > 0 || Vcpus.Count > 0 ? new Dying() : new Gone(), this, PagingRules.Mapped);

    private Allowed LookAtMap(Gfn page)
    {
        var now = At(page);
        if (now.Map == DomMap.Made)
            return Allowed.Only(new Word(now.Word), With(page, now with { Map = DomMap.Held }), PagingRules.Mapped);
        return StepMap(Setup.IndexOf(page)) is null && Life != DomainLife.Destroyed ? Allowed.Only(new Blocked(), this, PagingRules.TryAgain) : Allowed.None;
    }

    /// <summary>What another try of a waiting map brings, or null where it brings nothing.</summary>
    private PagingModel? StepMap(int index)
    {
        var page = Pages[index];
        if (page.Map != DomMap.Waiting)
            return null;
        var frame = new Gfn(Setup.First.Value + (ulong)index);
        if (page.HasFrame)
            return With(frame, page with { Map = DomMap.Made });
        return page.Kind == PageKind.Paged && PopulateForeign(frame) is var asked && asked != this ? asked : null;
    }

    /// <summary>p2m_mem_paging_populate, on behalf of dom0: nobody is stopped, and without a slot nothing happens.</summary>
    private PagingModel PopulateForeign(Gfn page)
    {
        if (Life != DomainLife.Alive)
            return this;
        if (!HasRing)
            return this with { Life = DomainLife.Crashed };
        if (FreeSlots <= 0 || At(page).Kind is not (PageKind.PagingOut or PageKind.Paged))
            return this;
        return Asked(page) with { InRing = InRing.Add(RequestFor(page, ControlVcpu, paused: false, foreign: true)) };
    }

    /// <summary>The page leaves the guest. The pager is told where it had the content.</summary>
    private PagingModel TakeAway(Gfn page, bool byGuest)
    {
        var now = At(page);
        var state = With(page, now with { Kind = PageKind.Hole });
        if (now.HasFrame)
            state = state with { Present = Present - 1, Spare = Spare + 1 };
        else if (!Has(PagingDefect.DropKeepsCount))
            state = state with { PagedPages = PagedPages - 1 };
        if (now.Kind is not (PageKind.Paged or PageKind.Coming or PageKind.Staying) || !HasRing || FreeSlots <= 0)
            return state;
        return state with
        {
            InRing = InRing.Add(new(page, ControlVcpu, PageWay.Other, VcpuPaused: false, Foreign: !byGuest, EvictFailed: false, Dropped: true)),
        };
    }
}
