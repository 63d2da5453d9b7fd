using System.Diagnostics;
using HvLab.Probes.Native.Linux;
using HvLab.Probes.Native.Xen;
using HvLab.Probes.Xen.Domains;
using HvLab.Reference;
using HvLab.Reference.Xen;

namespace HvLab.Probes.Xen.Sharing;

/// <summary>One look at one domain.</summary>
internal sealed class DomainLook(XenHost host, SharingMachine machine, WatchBounds bounds) : IDisposable
{
    private const uint PausedFlag = 8; // XEN_DOMINF_paused
    // What is left of a domain goes when RCU says so.
    private const int GoneWithinMs = 2000;

    // A page that is out would keep dom0 waiting for its pager.
    private readonly Gfn[] _pages = [.. SharingMachine.Watched.Where(page => !machine.PagedOut.ContainsKey(page))];
    private readonly SharingPageView[] _views = new SharingPageView[SharingGuest.Watched];
    private readonly Queue<(GuestVcpu Vcpu, int First, int Count)> _readings = [];
    private Errno[] _errors = [];
    private ForeignMapping? _mapping;
    private DomainInfo? _info;

    public void Begin()
    {
        if (machine.IsGone || machine.Domain.Info is not { } info)
            return;
        _info = info;
        _errors = new Errno[_pages.Length];
        _mapping = host.ForeignMemory.TryMapEach(machine.Number, [.. _pages.Select(page => page.Value)], writable: false, _errors);
        if (LifeOf(info) != SharingLife.Running || _mapping is null)
            return;
        for (var vcpu = 0; vcpu < machine.Unfinished.Length; vcpu++)
            if (!machine.Unfinished[vcpu] && machine.Domain.Vcpus[vcpu] is { IsIdle: true } idle)
                foreach (var (first, count) in Runs())
                    _readings.Enqueue((idle, first, count));
        BeginReading();
    }

    public SharingDomainView End()
    {
        if (machine.IsGone)
            return IsGoneSoon() ? SharingDomainView.Gone : SharingDomainView.Gone with { Life = SharingLife.Dying };
        if (_info is not { } info)
            return SharingDomainView.Gone;
        foreach (var page in machine.PagedOut.Keys)
            _views[SharingMachine.IndexOf(page)] = new(SharingPageState.PagedOut);
        for (var at = 0; at < _pages.Length; at++)
            _views[SharingMachine.IndexOf(_pages[at])] = _errors[at] != Errno.None ? new(SharingPageState.Hole) : PageWords.Read(SeenByDom0(at));
        while (_readings.TryDequeue(out var reading))
            EndReading(reading.Vcpu, reading.First, reading.Count);
        return new(LifeOf(info), machine.OwnedOf(info), (int)info.SharedPages, (int)info.PagedPages, [.. _views]);
    }

    public void Dispose() => _mapping?.Dispose();

    private static SharingLife LifeOf(in DomainInfo info) =>
        info.IsDying ? SharingLife.Dying
        : info.IsShutDown ? SharingLife.Crashed
        : (info.Flags & PausedFlag) != 0 ? SharingLife.Paused
        : SharingLife.Running;

    /// <summary>Pages with content that lie side by side.</summary>
    private IEnumerable<(int First, int Count)> Runs()
    {
        for (var first = 0; first < _pages.Length;)
        {
            var count = 0;
            while (first + count < _pages.Length && _errors[first + count] == Errno.None && _pages[first + count].Value == _pages[first].Value + (ulong)count)
                count++;
            if (count > 0)
                yield return (first, count);
            first += Math.Max(1, count);
        }
    }

    private void BeginReading()
    {
        if (_readings.TryPeek(out var next))
            machine.BeginReadAs(next.Vcpu, _pages[next.First], next.Count);
    }

    /// <summary>Compares what the vCPU read with what dom0 sees, and has the next reading begin.</summary>
    private void EndReading(GuestVcpu vcpu, int first, int count)
    {
        var guest = machine.EndReadAs(vcpu, count, bounds);
        for (var at = 0; at < count; at++)
        {
            ref var view = ref _views[SharingMachine.IndexOf(_pages[first + at])];
            if (guest.IsEmpty)
                view = view with { GuestIsSilent = new(vcpu.Index) };
            else if (!guest.Slice(at * Gfn.PageSize, Gfn.PageSize).SequenceEqual(SeenByDom0(first + at)))
                view = view with { GuestDisagrees = new(vcpu.Index) };
        }
        // A vCPU that did not end one reading begins no other.
        while (guest.IsEmpty && _readings.TryPeek(out var next) && next.Vcpu == vcpu)
            _readings.Dequeue();
        BeginReading();
    }

    private ReadOnlySpan<byte> SeenByDom0(int at) => _mapping!.Bytes(at * Gfn.PageSize, Gfn.PageSize);

    private bool IsGoneSoon()
    {
        var start = Stopwatch.GetTimestamp();
        while (machine.Domain.Info is not null)
        {
            if (Stopwatch.GetElapsedTime(start).TotalMilliseconds > GoneWithinMs)
                return false;
            lock (machine)
                Monitor.Wait(machine, 1);
        }
        return true;
    }
}
