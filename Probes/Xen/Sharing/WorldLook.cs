using System.Diagnostics;
using HvLab.Probes.Native.Linux;
using HvLab.Probes.Native.Xen;
using HvLab.Probes.Xen.Domains;
using HvLab.Reference;
using HvLab.Reference.Xen;

namespace HvLab.Probes.Xen.Sharing;

/// <summary>Looks at every page of every domain, from dom0 and as the guests see it, and at Xen's counters.</summary>
internal sealed class WorldLook(XenHost host, IReadOnlyList<SharingMachine> machines, ForeignMapping?[] maps, WatchBounds bounds)
{
    private const uint PausedFlag = 8; // XEN_DOMINF_paused
    // What is left of a domain goes when RCU says so.
    private const int GoneWithinMs = 2000;

    private readonly long _freedAtStart = host.Control.SharingFreedPages, _usedAtStart = host.Control.SharingUsedFrames;

    public SharingWorld Take()
    {
        var errors = host.Control.AuditSharing(out var errno);
        return new(
            (int)(host.Control.SharingFreedPages - _freedAtStart), (int)(host.Control.SharingUsedFrames - _usedAtStart),
            errno == Errno.None ? errors : -errno.Value,
            [.. machines.Select(Look)],
            [.. maps.Select(map => map is null ? (SharingPageView?)null : PageWords.Read(map.Bytes(0, Gfn.PageSize)))]);
    }

    private SharingDomainView Look(SharingMachine machine)
    {
        if (machine.IsGone)
            return IsGoneSoon(machine) ? SharingDomainView.Gone : SharingDomainView.Gone with { Life = SharingLife.Dying };
        if (machine.Domain.Info is not { } info)
            return SharingDomainView.Gone;
        var life = info.IsDying ? SharingLife.Dying
            : info.IsShutDown ? SharingLife.Crashed
            : (info.Flags & PausedFlag) != 0 ? SharingLife.Paused
            : SharingLife.Running;
        return new(life, machine.OwnedOf(info), (int)info.SharedPages, (int)info.PagedPages, [.. Pages(machine, life)]);
    }

    private SharingPageView[] Pages(SharingMachine machine, SharingLife life)
    {
        var views = new SharingPageView[SharingGuest.Watched];
        // A page that is out would keep dom0 waiting for its pager.
        Gfn[] pages = [.. SharingMachine.Watched.Where(page => !machine.PagedOut.ContainsKey(page))];
        foreach (var page in machine.PagedOut.Keys)
            views[SharingMachine.IndexOf(page)] = new(SharingPageState.PagedOut);
        var errors = new Errno[pages.Length];
        using var mapping = host.ForeignMemory.TryMapEach(machine.Number, [.. pages.Select(page => page.Value)], writable: false, errors);
        for (var at = 0; at < pages.Length; at++)
            views[SharingMachine.IndexOf(pages[at])] = errors[at] != Errno.None
                ? new(SharingPageState.Hole)
                : PageWords.Read(mapping!.Bytes(at * Gfn.PageSize, Gfn.PageSize));
        if (life == SharingLife.Running && mapping is not null)
            for (var vcpu = 0; vcpu < machine.Unfinished.Length; vcpu++)
                if (!machine.Unfinished[vcpu] && machine.Domain.Vcpus[vcpu].IsIdle)
                    Compare(machine, machine.Domain.Vcpus[vcpu], pages, errors, mapping, views);
        return views;
    }

    /// <summary>Has a vCPU read the pages too, those side by side at once.</summary>
    private void Compare(SharingMachine machine, GuestVcpu vcpu, Gfn[] pages, Errno[] errors, ForeignMapping mapping, SharingPageView[] views)
    {
        for (var first = 0; first < pages.Length;)
        {
            var count = 0;
            while (first + count < pages.Length && errors[first + count] == Errno.None && pages[first + count].Value == pages[first].Value + (ulong)count)
                count++;
            if (count == 0)
            {
                first++;
                continue;
            }
            var guest = machine.ReadAs(vcpu, pages[first], count, bounds);
            for (var at = 0; at < count; at++)
            {
                ref var view = ref views[SharingMachine.IndexOf(pages[first + at])];
                if (guest.IsEmpty)
                    view = view with { GuestIsSilent = new(vcpu.Index) };
                else if (!guest.Slice(at * Gfn.PageSize, Gfn.PageSize).SequenceEqual(mapping.Bytes((first + at) * Gfn.PageSize, Gfn.PageSize)))
                    view = view with { GuestDisagrees = new(vcpu.Index) };
            }
            if (guest.IsEmpty)
                return;
            first += count;
        }
    }

    private static bool IsGoneSoon(SharingMachine machine)
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
