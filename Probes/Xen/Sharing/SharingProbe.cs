using HvLab.Probes.Native.Linux;
using HvLab.Probes.Native.Xen;
using HvLab.Probes.Xen.Domains;
using HvLab.Reference;
using HvLab.Reference.Xen;
using static HvLab.Reference.Xen.SharingAnswer;

namespace HvLab.Probes.Xen.Sharing;

/// <summary>Drives real domains through page sharing and reports what it sees. It knows no expected answer.</summary>
public sealed partial class SharingProbe : ISharing<SharingSeen>, IDisposable
{
    // No handle of Xen's: it counts them up from 1.
    private const ulong NoHandle = 0x7fff_ffff_ffff_0000;
    // Copying pages takes a guest its time: only what gets the CPU much more often without an end is said to spin.
    private const int SpinTurns = 24, ReadSpinTurns = 400;

    private readonly XenHost _host;
    private readonly XenControl _control;
    private readonly WatchBounds _bounds;
    private readonly int _vcpus;
    private readonly List<SharingMachine> _machines = [];
    private readonly ulong?[] _handles = new ulong?[SharingHandle.Names];
    private readonly ForeignMapping?[] _maps = new ForeignMapping?[SharingMap.Names];
    private readonly (bool Writable, int Domain)[] _kinds = new (bool, int)[SharingMap.Names];
    private WorldLook? _look;

    public SharingProbe(XenHost host, int domains, int vcpus, int giveUpMs)
    {
        ArgumentNullException.ThrowIfNull(host);
        (_host, _control, _vcpus, _bounds) = (host, host.Control, vcpus, WatchBounds.Default with { SpinTurns = SpinTurns, GiveUpMs = giveUpMs });
        try
        {
            for (var index = 0; index < domains; index++)
                _machines.Add(new(host, vcpus));
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Lets the guests run. Xen's counters are what they are now: no domain of another plan may be left.</summary>
    public void Start()
    {
        foreach (var machine in _machines)
            machine.Start();
        _look = new(_host, _machines, _maps, _bounds with { SpinTurns = ReadSpinTurns });
    }

    public SharingSeen Control(SharingDomain domain, bool enable) => Called(_control.SetSharing(At(domain).Number, enable));

    public SharingSeen Nominate(SharingDomain domain, Gfn page, SharingHandle into)
    {
        var errno = _control.NominateForSharing(At(domain).Number, page.Value, out var handle);
        if (errno != Errno.None)
            return Called(errno);
        ValueList<SharingHandle> sameAs = [];
        for (var name = 0; name < _handles.Length; name++)
            if (_handles[name] == handle)
                sameAs = sameAs.Add(new(name));
        _handles[into.Index] = handle;
        return See(new Nominated(sameAs));
    }

    public SharingSeen Share(SharingPage source, SharingHandle sourceHandle, SharingPage client, SharingHandle clientHandle) =>
        Called(_control.SharePages(At(source.Domain).Number, source.Gfn.Value, ValueOf(sourceHandle), At(client.Domain).Number, client.Gfn.Value, ValueOf(clientHandle)));

    public SharingSeen AddToPhysmap(SharingPage source, SharingHandle sourceHandle, SharingPage client)
    {
        var errno = _control.AddSharedToPhysmap(At(source.Domain).Number, source.Gfn.Value, ValueOf(sourceHandle), At(client.Domain).Number, client.Gfn.Value);
        if (errno == Errno.None)
        {
            At(client.Domain).Holes.Remove(client.Gfn);
            if (At(client.Domain).PagedOut.Remove(client.Gfn, out var kept))
                kept.Dispose();
        }
        return Called(errno);
    }

    public SharingSeen RangeShare(SharingDomain source, SharingDomain client, Gfn first, Gfn last) =>
        Called(_control.ShareRange(At(source).Number, At(client).Number, first.Value, last.Value));

    public SharingSeen CountReferences(SharingDomain domain, Gfn page)
    {
        var count = _control.CountSharers(At(domain).Number, page.Value, out var errno);
        return errno == Errno.None ? See(new References(count)) : Called(errno);
    }

    public SharingSeen SetSpare(SharingDomain domain, int spare)
    {
        if (At(domain) is not { IsGone: false, Domain.Info: { } info })
            return See(new Refused());
        return Called(_control.SetMaxMemory(info.Domain, (ulong)((long)info.TotalPages + spare) * Gfn.PageSize / 1024));
    }

    public SharingSeen Pause(SharingDomain domain)
    {
        var machine = At(domain);
        if (!IsAlive(machine) || machine.IsPaused)
            return See(new Refused());
        machine.IsPaused = true;
        return Called(_control.Pause(machine.Number));
    }

    public SharingSeen Unpause(SharingDomain domain)
    {
        var machine = At(domain);
        if (!IsAlive(machine))
            return See(new Refused());
        machine.IsPaused = false;
        return Called(_control.Unpause(machine.Number));
    }

    public SharingSeen Destroy(SharingDomain domain)
    {
        for (var name = 0; name < _maps.Length; name++)
            if (!At(domain).IsGone && _maps[name] is not null && (_kinds[name].Writable || _kinds[name].Domain == domain.Index))
                return See(new Refused());
        return Called(At(domain).Destroy());
    }

    public SharingSeen Create(SharingDomain domain)
    {
        if (!At(domain).IsGone)
            return See(new Refused());
        _machines[domain.Index] = new(_host, _vcpus);
        _machines[domain.Index].Start();
        return See(new Done());
    }

    public void Dispose()
    {
        foreach (var map in _maps)
            map?.Dispose();
        foreach (var machine in _machines)
            machine.Dispose();
    }

    private SharingMachine At(SharingDomain domain) => _machines[domain.Index];
    private static bool IsAlive(SharingMachine machine) => !machine.IsGone && !machine.IsCrashed;
    private ulong ValueOf(SharingHandle handle) => handle.Index >= 0 && _handles[handle.Index] is { } value ? value : NoHandle;

    private SharingSeen Called(Errno errno) => See(errno == Errno.None ? new Done() : new Failed(new(errno.Value)));

    private SharingSeen See(SharingAnswer answer) =>
        new(answer, (_look ?? throw new InvalidOperationException("The domains were not started.")).Take());
}
