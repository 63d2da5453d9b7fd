using HvLab.Reference.Xen;

namespace HvLab.Reference.Models.Xen;

/// <summary>How a page stands in the p2m.</summary>
public enum PageKind
{
    Ram,
    /// <summary>Nominated (p2m_ram_paging_out).</summary>
    PagingOut,
    /// <summary>Evicted, nobody has asked (p2m_ram_paged).</summary>
    Paged,
    /// <summary>Evicted and asked for (p2m_ram_paging_in without a frame).</summary>
    Coming,
    /// <summary>Nominated and asked for: it never left (p2m_ram_paging_in with its frame).</summary>
    Staying,
    /// <summary>The guest has no such page any more.</summary>
    Hole,
}

/// <summary>Dom0's map of a page.</summary>
public enum DomMap
{
    None,
    /// <summary>Dom0 tries and tries.</summary>
    Waiting,
    /// <summary>Made, and dom0's caller has not looked yet.</summary>
    Made,
    Held,
}

/// <summary>One page that scenarios use. <paramref name="Word"/> is what it holds, or held when it left.</summary>
public readonly record struct GuestPage(PageKind Kind, uint Word, DomMap Map)
{
    public bool HasFrame => Kind is PageKind.Ram or PageKind.PagingOut or PageKind.Staying;
    public bool IsPaging => Kind is PageKind.PagingOut or PageKind.Paged or PageKind.Coming or PageKind.Staying;
    public bool IsMapped => Map is DomMap.Made or DomMap.Held;
}

public enum WorkKind { Rest, Read, Write, Add, Copy, Release }

/// <summary>The operation that a vCPU has begun and not finished.</summary>
/// <param name="Touches">Pages that it needs, in the order in which it finds them missing.</param>
public readonly record struct GuestWork(WorkKind Kind, ValueList<Gfn> Touches, Gfn Target = default, uint Word = 0)
{
    public static GuestWork Rest => default;
}

public enum Rouse
{
    /// <summary>Runs, or would if its page were there.</summary>
    Awake,
    /// <summary>Asked the pager, and waits for an answer.</summary>
    Paused,
    /// <summary>In the wait queue: there was no slot in the ring.</summary>
    Queued,
    /// <summary>Taken out of the wait queue, and has not run yet.</summary>
    Woken,
}

/// <summary>What Xen and the guest know of one vCPU.</summary>
public sealed record PagingVcpu
{
    public GuestWork Now { get; init; }
    public Rouse Rouse { get; init; }
    /// <summary>The page that it was stopped at; meaningful until it runs again.</summary>
    public Gfn At { get; init; }
    /// <summary>Its hypercall met a page that was not there, and is to return.</summary>
    public bool CallFailed { get; init; }
    /// <summary>What it has come to, and nobody has heard yet.</summary>
    public PagingSeen? Answer { get; init; }

    public bool AtRest => Now.Kind == WorkKind.Rest;
}

public enum Pager
{
    None,
    Attached,
    /// <summary>Dead, with its ring still in Xen's hands.</summary>
    Abandoned,
}

public enum DomainLife { Alive, Crashed, Destroyed }

/// <summary>What stays the same during a scenario.</summary>
/// <param name="Slots">Requests that the ring holds.</param>
public sealed record PagingSetup(Gfn First, int Pages, int Slots = PagingGuest.RingSlots, PagingDefect Defect = PagingDefect.None)
{
    public bool Has(Gfn page) => page.Value - First.Value < (ulong)Pages;
    public int IndexOf(Gfn page) => (int)(page.Value - First.Value);
}
