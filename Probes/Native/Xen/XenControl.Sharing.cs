using System.Runtime.InteropServices;
using HvLab.Probes.Native.Linux;

namespace HvLab.Probes.Native.Xen;

// xc_memshr_*: copy-on-write pages between domains. Frame numbers are those of the domain named before them.
public sealed unsafe partial class XenControl
{
    public Errno SetSharing(uint domain, bool enabled) => Check(MemshrControl(_handle, domain, enabled ? 1 : 0));

    /// <param name="port">The event channel of the ring for pages that cannot be copied, to bind.</param>
    public Errno EnableSharingRing(uint domain, out uint port)
    {
        port = 0;
        fixed (uint* at = &port)
            return Check(MemshrRingEnable(_handle, domain, at));
    }

    public Errno DisableSharingRing(uint domain) => Check(MemshrRingDisable(_handle, domain));
    public Errno ResumeSharing(uint domain) => Check(MemshrDomainResume(_handle, domain));

    public Errno NominateForSharing(uint domain, ulong frame, out ulong handle)
    {
        handle = 0;
        fixed (ulong* at = &handle)
            return Check(MemshrNominate(_handle, domain, (nuint)frame, at));
    }

    public Errno SharePages(uint source, ulong sourceFrame, ulong sourceHandle, uint client, ulong clientFrame, ulong clientHandle) =>
        Check(MemshrShare(_handle, source, (nuint)sourceFrame, sourceHandle, client, (nuint)clientFrame, clientHandle));

    public Errno AddSharedToPhysmap(uint source, ulong sourceFrame, ulong sourceHandle, uint client, ulong clientFrame) =>
        Check(MemshrAddToPhysmap(_handle, source, (nuint)sourceFrame, sourceHandle, client, (nuint)clientFrame));

    /// <summary>Shares a range of frames, first and last included.</summary>
    public Errno ShareRange(uint source, uint client, ulong first, ulong last) => Check(MemshrRange(_handle, source, client, first, last));

    /// <returns>How many frames of any domain refer to the page; -1 with the error.</returns>
    public int CountSharers(uint domain, ulong frame, out Errno errno)
    {
        var count = MemshrDebugGfn(_handle, domain, (nuint)frame);
        errno = Check(count);
        return count;
    }

    /// <returns>How many errors Xen's own audit found; -1 with the error.</returns>
    public int AuditSharing(out Errno errno)
    {
        var found = MemshrAudit(_handle);
        errno = Check(found);
        return found;
    }

    /// <summary>Pages saved by sharing, in all of the host; -1 with the error.</summary>
    public long SharingFreedPages => SharingFreed(_handle);
    /// <summary>Frames in use by shared pages, in all of the host; -1 with the error.</summary>
    public long SharingUsedFrames => SharingUsed(_handle);

    [LibraryImport(XenLibraries.Control, EntryPoint = "xc_memshr_control", SetLastError = true)]
    private static partial int MemshrControl(Handle xch, uint domain, int enable);

    [LibraryImport(XenLibraries.Control, EntryPoint = "xc_memshr_ring_enable", SetLastError = true)]
    private static partial int MemshrRingEnable(Handle xch, uint domain, uint* port);

    [LibraryImport(XenLibraries.Control, EntryPoint = "xc_memshr_ring_disable", SetLastError = true)]
    private static partial int MemshrRingDisable(Handle xch, uint domain);

    [LibraryImport(XenLibraries.Control, EntryPoint = "xc_memshr_domain_resume", SetLastError = true)]
    private static partial int MemshrDomainResume(Handle xch, uint domain);

    [LibraryImport(XenLibraries.Control, EntryPoint = "xc_memshr_nominate_gfn", SetLastError = true)]
    private static partial int MemshrNominate(Handle xch, uint domain, nuint frame, ulong* handle);

    [LibraryImport(XenLibraries.Control, EntryPoint = "xc_memshr_share_gfns", SetLastError = true)]
    private static partial int MemshrShare(Handle xch, uint source, nuint sourceFrame, ulong sourceHandle, uint client, nuint clientFrame, ulong clientHandle);

    [LibraryImport(XenLibraries.Control, EntryPoint = "xc_memshr_add_to_physmap", SetLastError = true)]
    private static partial int MemshrAddToPhysmap(Handle xch, uint source, nuint sourceFrame, ulong sourceHandle, uint client, nuint clientFrame);

    [LibraryImport(XenLibraries.Control, EntryPoint = "xc_memshr_range_share", SetLastError = true)]
    private static partial int MemshrRange(Handle xch, uint source, uint client, ulong first, ulong last);

    [LibraryImport(XenLibraries.Control, EntryPoint = "xc_memshr_debug_gfn", SetLastError = true)]
    private static partial int MemshrDebugGfn(Handle xch, uint domain, nuint frame);

    [LibraryImport(XenLibraries.Control, EntryPoint = "xc_memshr_audit", SetLastError = true)]
    private static partial int MemshrAudit(Handle xch);

    [LibraryImport(XenLibraries.Control, EntryPoint = "xc_sharing_freed_pages", SetLastError = true)]
    private static partial nint SharingFreed(Handle xch);

    [LibraryImport(XenLibraries.Control, EntryPoint = "xc_sharing_used_frames", SetLastError = true)]
    private static partial nint SharingUsed(Handle xch);
}
