using HvLab.Reference.Xen;
using static HvLab.Reference.Xen.PagingSeen;

namespace HvLab.Reference.Models.Xen;

using Allowed = Allowed<PagingModel, PagingSeen>;

// What the pager asks of Xen, and what it says over the ring.
public sealed partial record PagingModel
{
    public Allowed Attach() => OfXen(state =>
    {
        if (state.HasRing && !Has(PagingDefect.SecondPager))
            return state.Error(XenError.Ebusy, PagingRules.OneAgent);
        // Xen keeps the ring's page for as long as it is enabled.
        return Allowed.Only(new Done(), state.WithoutRing() with { Pager = Pager.Attached, Present = state.Present + 1, Spare = state.Spare - 1 });
    });

    public Allowed Detach() => OfXen(state =>
    {
        if (!state.HasRing)
            return state.Error(XenError.Einval);
        if (state.Queue.Count > 0 && !Has(PagingDefect.DetachedUnderSleepers))
            return state.Error(XenError.Ebusy, PagingRules.SleepersKeepRing);
        return Allowed.Only(new Done(), state.WithoutRing() with { Present = state.Present - 1, Spare = state.Spare + 1 });
    });

    public Allowed Abandon() => Pager == Pager.Attached
        ? Over(state => Allowed.Only(new Done(), state with { Pager = Pager.Abandoned, InRing = state.Taken.AddRange(state.InRing), Taken = [] }), [])
        : Refuse;

    // Requests go with the ring; who waits for an answer goes on waiting.
    private PagingModel WithoutRing() => this with { Pager = Pager.None, InRing = [], Taken = [], ExtraSlots = 0 };

    public Allowed Nominate(Gfn page) => OfPager(page, (state, now) =>
        now.Kind == PageKind.Ram && (!now.IsMapped || Has(PagingDefect.NominateIgnoresMaps))
            ? Allowed.Only(new Done(), state.With(page, now with { Kind = PageKind.PagingOut }), PagingRules.Nominate)
            : state.Error(XenError.Ebusy, PagingRules.Nominate));

    public Allowed Evict(Gfn page) => OfPager(page, (state, now) =>
    {
        if (now.Kind != PageKind.PagingOut)
            return state.Error(XenError.Ebusy, now.Kind == PageKind.Staying ? PagingRules.EvictPopulated : PagingRules.EvictNeedsNomination);
        if (now.IsMapped && !Has(PagingDefect.EvictIgnoresMaps))
            return state.Error(XenError.Ebusy, PagingRules.EvictMapped);
        return Allowed.Only(new Done(), state.With(page, now with { Kind = PageKind.Paged }) with
        {
            PagedPages = state.PagedPages + 1, Present = state.Present - 1, Spare = state.Spare + 1,
        });
    });

    public Allowed Prepare(Gfn page) => OfPager(page, (state, now) => now.Kind switch
    {
        PageKind.Staying => Allowed.Only(new Done(), state.With(page, now with { Kind = PageKind.Ram }), PagingRules.PrepareForwards),
        PageKind.Paged or PageKind.Coming when Has(PagingDefect.PrepareWithoutContent) => Allowed.Only(new Done(), state.PutBack(page, now, 0)),
        PageKind.Paged or PageKind.Coming => state.Error(XenError.Einval, PagingRules.PrepareNeedsBuffer),
        _ => state.Error(XenError.Enoent, PagingRules.PrepareMissing),
    });

    public Allowed Load(Gfn page, uint word) => OfPager(page, (state, now) => now.Kind switch
    {
        PageKind.Staying => Allowed.Only(new Done(), state.With(page, now with { Kind = PageKind.Ram }), PagingRules.PrepareForwards),
        PageKind.Paged or PageKind.Coming when state.Spare <= 0 && !Has(PagingDefect.LoadBeyondLimit) =>
            Error(XenError.Enomem, Has(PagingDefect.FailedLoadCounts) ? state with { PagedPages = state.PagedPages - 1 } : state, PagingRules.PageInFails),
        PageKind.Paged or PageKind.Coming => Allowed.Only(new Done(), state.PutBack(page, now, word), PagingRules.Accessible),
        _ => state.Error(XenError.Enoent, PagingRules.PrepareMissing),
    });

    private PagingModel PutBack(Gfn page, GuestPage now, uint word) =>
        With(page, now with { Kind = PageKind.Ram, Word = Has(PagingDefect.LoadKeepsOldContent) ? now.Word : word }) with
        {
            PagedPages = PagedPages - 1, Present = Present + 1, Spare = Spare - 1,
        };

    public Allowed Take() => Life != DomainLife.Destroyed && Pager == Pager.Attached
        ? Over(state =>
            state.InRing.Count > 0
                ? Allowed.Only(state.InRing[0], state with { InRing = state.InRing.RemoveAt(0), Taken = state.Taken.Add(state.InRing[0]) }, PagingRules.Populate)
            // Nobody is waited for who can still ask.
            : state.IsQuiet ? Allowed.Only(new NoRequest(), state, PagingRules.OnlyPagingOut)
            : Allowed.None, [])
        : Refuse;

    public Allowed Respond(Gfn page, VcpuId vcpu)
    {
        var index = IndexOfTaken(page);
        return Life == DomainLife.Destroyed || Pager != Pager.Attached || index < 0
            ? Refuse
            : Over(state => Allowed.Only(new Done(), (state with { Taken = state.Taken.RemoveAt(index) }).Answered(state.Taken[index], vcpu), PagingRules.NamedVcpu), [page]);
    }

    public Allowed RespondForPredecessor(Gfn page, VcpuId vcpu) =>
        Life == DomainLife.Destroyed || Pager != Pager.Attached || !Setup.Has(page)
            ? Refuse
            : Over(state => Allowed.Only(new Done(),
                (state with { ExtraSlots = state.ExtraSlots + 1 }).Answered(new(page, vcpu, PageWay.Other, true, false, false, false), vcpu), PagingRules.NamedVcpu), [page]);

    /// <summary>Xen has consumed an answer to this request that names this vCPU.</summary>
    private PagingModel Answered(Request request, VcpuId named)
    {
        var state = this;
        if (!request.Dropped && Setup.Has(request.Page) && At(request.Page) is { Kind: PageKind.Staying } page && !Has(PagingDefect.ResponseLosesPage))
            state = state.With(request.Page, page with { Kind = PageKind.Ram });
        var index = Has(PagingDefect.ResponseResumesAnother) ? (named.Value + 1) % Vcpus.Count : named.Value;
        if (request.VcpuPaused && index < Vcpus.Count && state.Vcpus[index] is { Rouse: Rouse.Paused } cpu)
            state = state.With(index, cpu with { Rouse = Rouse.Awake });
        return state.WakeQueued();
    }

    private Allowed OfXen(Func<PagingModel, Allowed> operation, ValueList<Gfn> pages = default) =>
        Life == DomainLife.Destroyed ? Refuse : Over(operation, pages);

    private Allowed OfPager(Gfn page, Func<PagingModel, GuestPage, Allowed> operation) =>
        !Setup.Has(page) ? Refuse : OfXen(state => state.HasRing ? operation(state, state.At(page)) : state.Error(XenError.Enodev, PagingRules.NeedsRing), [page]);

    private int IndexOfTaken(Gfn page)
    {
        for (var index = 0; index < Taken.Count; index++)
            if (Taken[index].Page == page)
                return index;
        return -1;
    }
}
