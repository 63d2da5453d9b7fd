using System.Diagnostics;
using HvLab.GuestAgents.Payloads.Xen;
using HvLab.Probes.Native.Linux;
using HvLab.Probes.Native.Xen;
using HvLab.Probes.Xen.Domains;
using HvLab.Reference;
using HvLab.Reference.Xen;
using static HvLab.Reference.Xen.PagingSeen;

namespace HvLab.Probes.Xen.Paging;

/// <summary>Drives one real domain through memory paging and reports what it sees. It knows no expected answer.</summary>
public sealed partial class PagingProbe : IPaging<PagingSeen>, IDisposable
{
    // Outside of what scenarios use; any frame that the guest does not have will do.
    private const ulong RingFrame = 0xfeff0;
    private const int GonePollMs = 2;

    private readonly XenDomain _domain;
    private readonly XenControl _control;
    private readonly WatchBounds _bounds;
    private readonly VcpuWork[] _work;
    private readonly Dictionary<Gfn, PendingMap> _maps = [];
    private readonly ulong _pagesAtStart;
    private bool _destroyed;

    public PagingProbe(XenHost host, int vcpus, int giveUpMs)
    {
        ArgumentNullException.ThrowIfNull(host);
        (_control, _bounds) = (host.Control, WatchBounds.Default with { GiveUpMs = giveUpMs });
        _domain = new(host, new(vcpus, PagingGuest.FirstPage, PagingGuest.PageCount));
        try
        {
            using (var pages = host.ForeignMemory.Map(_domain.Number, [.. Enumerable.Range(0, PagingGuest.PageCount).Select(index => PagingGuest.Page(index).Value)]))
                for (var index = 0; index < PagingGuest.PageCount; index++)
                    PagingPage.Fill(pages.Bytes(index * Gfn.PageSize, Gfn.PageSize), PagingGuest.FirstWord(PagingGuest.Page(index)));
            _control.SetParameter(_domain.Number, HvmParam.PagingRingPfn, RingFrame).Require("xc_hvm_param_set(PAGING_RING_PFN)");
        }
        catch
        {
            _domain.Dispose();
            throw;
        }
        _work = [.. _domain.Vcpus.Take(vcpus).Select(vcpu => new VcpuWork(vcpu))];
        _pagesAtStart = _domain.Info?.TotalPages ?? 0;
    }

    /// <summary>Lets the guest run.</summary>
    public void Start() => _domain.Start();

    public PagingSeen Map(Gfn page, bool writable)
    {
        if (_destroyed || !PagingGuest.Has(page) || _maps.ContainsKey(page))
            return new Refused();
        var map = new PendingMap(_domain, page, writable);
        var seen = map.Look(_bounds.GiveUpMs);
        if (seen is Word or Blocked or Nothing)
            _maps[page] = map;
        return seen;
    }

    public PagingSeen AwaitMap(Gfn page)
    {
        if (!_maps.TryGetValue(page, out var map) || map.IsHeld)
            return new Refused();
        var seen = map.Look(_bounds.GiveUpMs);
        if (seen is Failed)
            _maps.Remove(page);
        return seen;
    }

    public PagingSeen Unmap(Gfn page)
    {
        if (!_maps.TryGetValue(page, out var map) || !map.IsHeld)
            return new Refused();
        map.Unmap();
        _maps.Remove(page);
        return new Done();
    }

    public PagingSeen SetMemType(Gfn page) => OnPage(page, id => _domain.Host.DeviceModel.SetMemType(id, HvmMemType.RamRw, page.Value, 1));

    // A page that dom0 holds would stay, counted and not seen.
    public PagingSeen Remove(Gfn page) => _maps.ContainsKey(page) ? new Refused() : OnPage(page, id => _control.DecreaseReservationExact(id, [page.Value]));

    public PagingSeen LimitMemory(int spare) =>
        _destroyed || _domain.Info is not { } info ? new Refused()
        : Answer(_control.SetMaxMemory(_domain.Number, (info.TotalPages + (ulong)spare) * 4));

    public PagingSeen Count() =>
        _destroyed || _domain.Info is not { } info ? new Refused()
        : new Counts((int)info.PagedPages, (long)(info.TotalPages - _pagesAtStart)); // Xen's own counter has 32 bits

    public PagingSeen Destroy()
    {
        if (_destroyed)
            return new Refused();
        _destroyed = true;
        LetRingGo();
        var errno = _domain.Destroy();
        return errno != Errno.None ? Answer(errno) : LookForRemains(_maps.Values.Any(map => map.IsMade));
    }

    public PagingSeen AwaitDestroyed() => _destroyed ? LookForRemains(_maps.Values.Any(map => map.IsMade)) : new Refused();

    public void Dispose()
    {
        LetRingGo();
        foreach (var map in _maps.Values)
            map.Unmap();
        _domain.Dispose(); // a map that still waits ends with the domain
    }

    /// <param name="kept">True where the probe itself keeps a page: then there is no reason to wait long.</param>
    private PagingSeen LookForRemains(bool kept)
    {
        var start = Stopwatch.GetTimestamp();
        while (_domain.Info is not null)
        {
            if (Stopwatch.GetElapsedTime(start).TotalMilliseconds > (kept ? _bounds.GiveUpMs / 100 : _bounds.GiveUpMs))
                return new Dying();
            lock (_work)
                Monitor.Wait(_work, GonePollMs);
        }
        return new Gone();
    }

    private PagingSeen OnPage(Gfn page, Func<uint, Errno> call) =>
        _destroyed || !PagingGuest.Has(page) ? new Refused() : Answer(call(_domain.Number));

    private static PagingSeen Answer(Errno errno) => errno == Errno.None ? new Done() : new Failed(new(errno.Value));
}
