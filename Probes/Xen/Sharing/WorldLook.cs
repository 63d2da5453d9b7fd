using HvLab.Probes.Native.Linux;
using HvLab.Probes.Native.Xen;
using HvLab.Probes.Xen.Domains;
using HvLab.Reference;
using HvLab.Reference.Xen;

namespace HvLab.Probes.Xen.Sharing;

/// <summary>Looks at every page of every domain, from dom0 and as the guests see it, and at Xen's counters.</summary>
internal sealed class WorldLook(XenHost host, IReadOnlyList<SharingMachine> machines, ForeignMapping?[] maps, WatchBounds bounds)
{
    private readonly long _freedAtStart = host.Control.SharingFreedPages, _usedAtStart = host.Control.SharingUsedFrames;

    public SharingWorld Take()
    {
        // All guests read while dom0 does its own part: they share one CPU, and dom0 has another.
        DomainLook[] looks = [.. machines.Select(machine => new DomainLook(host, machine, bounds))];
        try
        {
            foreach (var look in looks)
                look.Begin();
            var errors = host.Control.AuditSharing(out var errno);
            return new(
                (int)(host.Control.SharingFreedPages - _freedAtStart), (int)(host.Control.SharingUsedFrames - _usedAtStart),
                errno == Errno.None ? errors : -errno.Value,
                [.. looks.Select(look => look.End())],
                [.. maps.Select(map => map is null ? (SharingPageView?)null : PageWords.Read(map.Bytes(0, Gfn.PageSize)))]);
        }
        finally
        {
            foreach (var look in looks)
                look.Dispose();
        }
    }
}
