using HvLab.Reference.Xen;

namespace HvLab.Reference.Models.Xen;

/// <summary>What stays the same during a scenario.</summary>
/// <param name="First">First watched page.</param>
/// <param name="Watched">Watched pages of a domain.</param>
/// <param name="Populated">Those of them that are populated at the start.</param>
/// <param name="RingSlots">Requests that a ring holds, those included that were taken and not answered.</param>
public sealed record SharingSetup(
    Gfn First, int Watched = SharingGuest.Watched, int Populated = SharingGuest.Populated, int RingSlots = 8, SharingDefect Defect = SharingDefect.None)
{
    public bool IsWatched(Gfn page) => page.Value - First.Value < (ulong)Watched;
    public int IndexOf(Gfn page) => (int)(page.Value - First.Value);
    public Gfn PageAt(int index) => new(First.Value + (ulong)index);
}

/// <summary>A machine frame. Its number is its place in the model, which counts frames in the order in which domains refer to them.</summary>
/// <param name="Shared">dom_cow owns it, and it has a handle.</param>
/// <param name="References">The type count that Xen keeps: one a page that it backs while it is shared.</param>
public readonly record struct SharingFrame(SharingContent Content, bool Shared = false, int References = 0);

public enum SharingEntryKind { Hole, Private, Shared, PagedOut }

/// <summary>A page's entry in its domain's p2m.</summary>
/// <param name="Frame">Number of the frame; -1 where there is none.</param>
/// <param name="Kept">What the pager keeps of a page that is out.</param>
public readonly record struct SharingEntry(SharingEntryKind Kind, int Frame, SharingContent Kept = default)
{
    public static SharingEntry Hole => new(SharingEntryKind.Hole, -1);
}

/// <summary>A virtual CPU and the write that it has begun and not finished.</summary>
/// <param name="Paused">Xen paused it until its request is answered.</param>
public readonly record struct SharingVcpu(bool Unfinished, int Page = 0, SharingWord Word = default, uint Value = 0, bool Paused = false);

/// <summary>An ENOMEM request; <paramref name="Paused"/>: of a vCPU that sleeps until it is answered.</summary>
public readonly record struct SharingRequest(int Page, int Vcpu, bool Paused);

/// <summary>A foreign map that dom0 holds, and the domain through which it was made.</summary>
public readonly record struct SharingForeignMap(int Domain, int Frame, bool Writable);

public enum SharingExistence { Alive, Crashed, Gone }

/// <summary>What Xen knows of one domain.</summary>
public sealed record SharingDomainState
{
    public SharingExistence Existence { get; init; }
    public bool Paused { get; init; }
    public bool Enabled { get; init; }
    /// <summary>Pages that it owns, less those when it was made. A shared frame is nobody's: dom_cow's.</summary>
    public int Owned { get; init; }
    /// <summary>What <see cref="Owned"/> may grow to; null where nobody set a limit that matters.</summary>
    public int? Limit { get; init; }
    public int Shared { get; init; }
    public int PagedOut { get; init; }
    public ValueList<SharingEntry> Entries { get; init; }
    public ValueList<SharingVcpu> Vcpus { get; init; }
    public bool Ring { get; init; }
    public ValueList<SharingRequest> Requests { get; init; }
    /// <summary>Requests that the helper took and has not answered, oldest first.</summary>
    public ValueList<SharingRequest> Taken { get; init; }
    public bool LogDirty { get; init; }
    public IndexSet Dirty { get; init; }
    public bool Pager { get; init; }

    public bool HasRoom => Limit is not { } limit || Owned < limit;

    public static SharingDomainState Gone { get; } = new() { Existence = SharingExistence.Gone };

    public bool IsBusyWith(int page)
    {
        foreach (ref readonly var vcpu in Vcpus.AsSpan())
            if (vcpu.Unfinished && vcpu.Page == page)
                return true;
        return false;
    }
}
