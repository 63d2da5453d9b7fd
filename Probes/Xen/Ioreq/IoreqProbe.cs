using System.Diagnostics;
using HvLab.Probes.Native.Linux;
using HvLab.Probes.Native.Xen;
using HvLab.Probes.Xen.Domains;
using HvLab.Reference;
using HvLab.Reference.Xen;
using static HvLab.Reference.Xen.IoreqSeen;

namespace HvLab.Probes.Xen.Ioreq;

/// <summary>Drives one real domain with two device models and reports what it sees. It knows no expected answer.</summary>
public sealed partial class IoreqProbe : IIoreq<IoreqSeen>, IDisposable
{
    /// <summary>An id that no server of a plan gets: Xen has eight, a plan two.</summary>
    private const ushort NobodysId = 7;

    private readonly XenHost _host;
    private readonly IoreqPlan _plan;
    private readonly XenDomain _domain;
    private readonly XenHypercalls _hypercalls = new();
    private readonly XenEventChannels _channels = new();
    private readonly DeviceModel?[] _servers = new DeviceModel?[2];
    private readonly GuestAccess?[] _accesses;
    private bool _gone;

    /// <summary>Builds the domain, with its window zeroed, and leaves it paused.</summary>
    public IoreqProbe(XenHost host, IoreqPlan plan)
    {
        ArgumentNullException.ThrowIfNull(host);
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentOutOfRangeException.ThrowIfNotEqual(plan.Pages is > 0 and <= IoreqGuest.MaxPages, true, nameof(plan));
        (_host, _plan) = (host, plan);
        _accesses = new GuestAccess?[plan.Vcpus];
        _domain = new(host, new(plan.Vcpus, IoreqGuest.Window, plan.Pages));
        Zero();
    }

    private int PagesInAll => (int)IoreqGuest.Window.Value + _plan.Pages;
    private uint Id => _domain.Number;
    private ushort NumberOf(IoreqServer server) => _servers[(int)server]?.Id ?? NobodysId;

    public void Start() => _domain.Start();

    public IoreqSeen CreateServer(IoreqServer server)
    {
        if (_gone || _servers[(int)server] is not null)
            return new Refused();
        _servers[(int)server] = DeviceModel.TryCreate(_domain, _channels, out var errno);
        return Answer(errno);
    }

    public IoreqSeen DestroyServer(IoreqServer server)
    {
        if (_gone)
            return new Refused();
        var errno = _host.DeviceModel.DestroyServer(Id, NumberOf(server));
        if (errno == Errno.None)
            Forget(server);
        return Answer(errno);
    }

    public IoreqSeen SetState(IoreqServer server, bool enabled) =>
        _gone ? new Refused() : Answer(_servers[(int)server]?.SetState(enabled) ?? _host.DeviceModel.SetServerState(Id, NobodysId, enabled));

    public IoreqSeen MapIoRange(IoreqServer server, IoRange range) =>
        _gone ? new Refused() : Answer(_host.DeviceModel.MapRange(Id, NumberOf(server), range.Space == IoSpace.Memory, range.First, range.Last));

    public IoreqSeen UnmapIoRange(IoreqServer server, IoRange range) =>
        _gone ? new Refused() : Answer(_host.DeviceModel.UnmapRange(Id, NumberOf(server), range.Space == IoSpace.Memory, range.First, range.Last));

    public IoreqSeen MapMemType(IoreqServer server, MemType type, uint flags) =>
        _gone ? new Refused() : Answer(_host.DeviceModel.MapMemType(Id, NumberOf(server), (HvmMemType)type, flags));

    public IoreqSeen SetMemType(MemType type, Gfn first, int count) =>
        _gone || count < 1 || !IsInWindow(first) || !IsInWindow(new(first.Value + (ulong)count - 1))
            ? new Refused()
            : Answer(_host.DeviceModel.SetMemType(Id, (HvmMemType)type, first.Value, (uint)count));

    public IoreqSeen GetMemType(Gfn page)
    {
        if (_gone || !IsInWindow(page))
            return new Refused();
        var errno = _hypercalls.GetMemType(Id, page.Value, out var type);
        return errno == Errno.None ? new TypeIs((MemType)type) : Answer(errno);
    }

    public IoreqSeen EnableLogDirty() => _gone ? new Refused() : Answer(_host.Control.EnableLogDirty(Id));
    public IoreqSeen DisableLogDirty() => _gone ? new Refused() : Answer(_host.Control.DisableLogDirty(Id));
    public IoreqSeen PeekDirty() => ReadDirty(clean: false);
    public IoreqSeen CleanDirty() => ReadDirty(clean: true);

    private IoreqSeen ReadDirty(bool clean)
    {
        if (_gone)
            return new Refused();
        var errno = _host.Control.ReadDirty(Id, PagesInAll, clean, out var frames);
        if (errno != Errno.None)
            return Answer(errno);
        var (count, named) = (0, 0ul);
        foreach (var frame in frames)
            if (frame >= IoreqGuest.Window.Value)
            {
                count++;
                if (frame - IoreqGuest.Window.Value < IoreqGuest.NamedPages)
                    named |= 1ul << (int)(frame - IoreqGuest.Window.Value);
            }
        return new Dirty(count, named);
    }

    public IoreqSeen ReadMemory(Gpa address) => WithPage(address, writable: false, page => new Value(page.At<uint>(OffsetOf(address))));

    public IoreqSeen WriteMemory(Gpa address, uint value) => WithPage(address, writable: true, page =>
    {
        page.At<uint>(OffsetOf(address)) = value;
        return new Done();
    });

    public IoreqSeen DestroyDomain()
    {
        if (_gone)
            return new Refused();
        _gone = true;
        var errno = _domain.Destroy();
        if (errno != Errno.None)
            return Answer(errno);
        Forget(IoreqServer.A);
        Forget(IoreqServer.B);
        var start = Stopwatch.GetTimestamp();
        while (_domain.Info is not null)
        {
            if (Stopwatch.GetElapsedTime(start).TotalMilliseconds > _plan.GiveUpMs)
                return new DomainStays();
            Pause();
        }
        return new DomainGone();
    }

    public void Dispose()
    {
        _domain.Destroy();
        Forget(IoreqServer.A);
        Forget(IoreqServer.B);
        _channels.Dispose();
        _hypercalls.Dispose();
    }

    private void Forget(IoreqServer server)
    {
        _servers[(int)server]?.Dispose();
        _servers[(int)server] = null;
    }

    private bool IsInWindow(Gfn page) => page.Value - IoreqGuest.Window.Value < (ulong)_plan.Pages;

    private static int OffsetOf(Gpa address) => (int)(address.Value % Gfn.PageSize);

    private static IoreqSeen Answer(Errno errno) => errno == Errno.None ? new Done() : new Failed(new(errno.Value));

    private IoreqSeen WithPage(Gpa address, bool writable, Func<ForeignMapping, IoreqSeen> action)
    {
        if (_gone || !IsInWindow(address.Page))
            return new Refused();
        using var page = _host.ForeignMemory.TryMap(Id, [address.Page.Value], writable, out var errno);
        return page is null ? new Unmapped(new(errno.Value)) : action(page);
    }

    // What the last domain left in these frames is of no interest.
    private void Zero()
    {
        const int atOnce = 256;
        for (var first = 0; first < _plan.Pages; first += atOnce)
        {
            var count = Math.Min(atOnce, _plan.Pages - first);
            var from = IoreqGuest.Window.Value + (ulong)first;
            using var pages = _host.ForeignMemory.Map(Id, [.. Enumerable.Range(0, count).Select(page => from + (ulong)page)]);
            pages.Bytes(0, pages.Length).Clear();
        }
    }

    private void Pause()
    {
        const int roundMs = 1;
        lock (_servers)
            Monitor.Wait(_servers, roundMs);
    }
}
