using HvLab.GuestAgents.Payloads.Xen;
using HvLab.Probes.Native.Linux;
using HvLab.Probes.Native.Xen;
using HvLab.Probes.Xen.Domains;
using HvLab.Reference;
using HvLab.Reference.Xen;

namespace HvLab.Probes.Xen.Sharing;

/// <summary>One domain of a plan, with what its toolstack, helper and pager keep of it.</summary>
internal sealed class SharingMachine : IDisposable
{
    // From the first watched page on: those, what they are copied to, and the rings.
    private const int Pages = 16;
    private const int Looks = 3;
    // Pages that a vCPU copies the watched ones to, so that dom0 sees what the guest sees.
    private const ulong FirstScratch = 0x108;
    private const ulong SharingRing = 0x10e, PagingRing = 0x10f;

    private readonly XenHost _host;
    private readonly ForeignMapping _scratch;
    private readonly ulong _pagesAtStart;
    private bool _started;

    public SharingMachine(XenHost host, int vcpus)
    {
        _host = host;
        Domain = new(host, new(vcpus, SharingGuest.FirstWatched, Pages));
        try
        {
            _scratch = host.ForeignMemory.Map(Number, [.. Watched.Select((_, index) => FirstScratch + (ulong)index)]);
            using (var watched = host.ForeignMemory.Map(Number, [.. Watched.Select(page => page.Value)]))
                foreach (var page in Watched)
                    PageWords.Fill(watched.Bytes(IndexOf(page) * Gfn.PageSize, Gfn.PageSize), SharingGuest.Fill(page));
            foreach (var hole in Watched.Skip(SharingGuest.Populated))
                host.Control.DecreaseReservationExact(Number, [hole.Value]).Require("xc_domain_decrease_reservation");
            host.Control.SetParameter(Number, HvmParam.SharingRingPfn, SharingRing).Require("xc_hvm_param_set(SHARING_RING_PFN)");
            host.Control.SetParameter(Number, HvmParam.PagingRingPfn, PagingRing).Require("xc_hvm_param_set(PAGING_RING_PFN)");
            Holes = [.. Watched.Skip(SharingGuest.Populated)];
            Unfinished = new bool[vcpus];
            _pagesAtStart = Domain.Info?.TotalPages ?? throw new InvalidOperationException($"Domain {Number} was gone before it started.");
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public static IReadOnlyList<Gfn> Watched { get; } =
        [.. Enumerable.Range(0, SharingGuest.Watched).Select(index => new Gfn(SharingGuest.FirstWatched.Value + (ulong)index))];

    public XenDomain Domain { get; }
    public uint Number => Domain.Number;
    public bool IsGone { get; private set; }
    public bool IsCrashed => Domain.Info is { IsShutDown: true };
    public bool IsPaused { get; set; }
    public bool LogDirty { get; set; }
    /// <summary>Accesses that a vCPU has begun and that did not retire.</summary>
    public bool[] Unfinished { get; } = [];
    public Dictionary<int, Gfn> UnfinishedPages { get; } = [];
    public HashSet<Gfn> Holes { get; } = [];
    /// <summary>Pages with the pager, and what they held.</summary>
    public Dictionary<Gfn, MemoryMapping> PagedOut { get; } = [];
    public HelperRing? Ring { get; set; }
    public HelperRing? Pager { get; set; }
    /// <summary>Requests that the helper took and has not answered, oldest first.</summary>
    public Queue<VmEvent> Taken { get; } = [];

    public static int IndexOf(Gfn page) => (int)(page.Value - SharingGuest.FirstWatched.Value);
    public static bool IsWatched(Gfn page) => page.Value - SharingGuest.FirstWatched.Value < SharingGuest.Watched;

    public bool HasContent(Gfn page) => IsWatched(page) && !Holes.Contains(page) && !PagedOut.ContainsKey(page);
    public bool IsBusyWith(Gfn page) => UnfinishedPages.ContainsValue(page);

    /// <summary>tot_pages, less what it was when the domain was made.</summary>
    public int OwnedOf(in DomainInfo info) => (int)((long)info.TotalPages - (long)_pagesAtStart);

    public void Start()
    {
        if (_started)
            return;
        _started = true;
        Domain.Start();
    }

    public HelperRing MapSharingRing() => new(_host.ForeignMemory.Map(Number, [SharingRing]));
    public HelperRing MapPagingRing() => new(_host.ForeignMemory.Map(Number, [PagingRing]));

    /// <summary>Has a vCPU begin to read these pages, which lie side by side.</summary>
    public void BeginReadAs(GuestVcpu vcpu, Gfn first, int count) =>
        vcpu.Post(XenCommand.CopyWords, first.Start.Value, FirstScratch * Gfn.PageSize, (ulong)(count * Gfn.PageSize / sizeof(ulong)));

    /// <summary>What it read; null where it cannot.</summary>
    public ReadOnlySpan<byte> EndReadAs(GuestVcpu vcpu, int count, WatchBounds bounds) =>
        AwaitPatiently(vcpu, bounds) is GuestAnswer.Finished ? _scratch.Bytes(0, count * Gfn.PageSize) : null;

    /// <summary>
    /// Looks several times where nothing ended and Xen does not say that the vCPU is off: a machine that stood still for a while
    /// makes a slow one look like a spinning or a lost one, but not every time.
    /// </summary>
    public static GuestAnswer AwaitPatiently(GuestVcpu vcpu, WatchBounds bounds)
    {
        for (var look = 1; ; look++)
            if (vcpu.Await(bounds) is var answer && (look == Looks || answer is not (GuestAnswer.Spinning or GuestAnswer.Unclear)))
                return answer;
    }

    /// <summary>Lets go of everything that dom0 holds of the domain, and destroys it.</summary>
    public Errno Destroy()
    {
        if (IsGone)
            return _host.Control.Destroy(Number);
        IsGone = true;
        _scratch?.Dispose();
        Ring?.Dispose();
        Pager?.Dispose();
        foreach (var kept in PagedOut.Values)
            kept.Dispose();
        (Ring, Pager) = (null, null);
        PagedOut.Clear();
        Taken.Clear();
        return Domain.Destroy();
    }

    public void Dispose()
    {
        if (!IsGone)
            Destroy();
    }
}
