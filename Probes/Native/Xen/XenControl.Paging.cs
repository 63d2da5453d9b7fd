using System.Runtime.InteropServices;
using HvLab.Probes.Native.Linux;

namespace HvLab.Probes.Native.Xen;

// xc_mem_paging_*: what a pager calls. Frame numbers are the guest's.
public sealed unsafe partial class XenControl
{
    /// <param name="port">The ring's event channel in the domain, to bind.</param>
    public Errno EnablePaging(uint domain, out uint port)
    {
        port = 0;
        fixed (uint* at = &port)
            return Check(PagingEnable(_handle, domain, at));
    }

    public Errno DisablePaging(uint domain) => Check(PagingDisable(_handle, domain));

    /// <summary>Has Xen look at the responses, as a notification on the event channel does.</summary>
    public Errno ResumePaging(uint domain) => Check(PagingResume(_handle, domain));

    public Errno NominateForPaging(uint domain, ulong frame) => Check(PagingNominate(_handle, domain, frame));
    public Errno EvictPage(uint domain, ulong frame) => Check(PagingEvict(_handle, domain, frame));

    /// <summary>Asks for a page back without its content.</summary>
    public Errno PreparePage(uint domain, ulong frame) => Check(PagingPrep(_handle, domain, frame));

    /// <summary>Puts a page with this content back.</summary>
    public Errno LoadPage(uint domain, ulong frame, ReadOnlySpan<byte> content)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(content.Length, 4096);
        fixed (byte* buffer = content)
            return Check(PagingLoad(_handle, domain, frame, buffer));
    }

    [LibraryImport(XenLibraries.Control, EntryPoint = "xc_mem_paging_enable", SetLastError = true)]
    private static partial int PagingEnable(Handle xch, uint domain, uint* port);

    [LibraryImport(XenLibraries.Control, EntryPoint = "xc_mem_paging_disable", SetLastError = true)]
    private static partial int PagingDisable(Handle xch, uint domain);

    [LibraryImport(XenLibraries.Control, EntryPoint = "xc_mem_paging_resume", SetLastError = true)]
    private static partial int PagingResume(Handle xch, uint domain);

    [LibraryImport(XenLibraries.Control, EntryPoint = "xc_mem_paging_nominate", SetLastError = true)]
    private static partial int PagingNominate(Handle xch, uint domain, ulong frame);

    [LibraryImport(XenLibraries.Control, EntryPoint = "xc_mem_paging_evict", SetLastError = true)]
    private static partial int PagingEvict(Handle xch, uint domain, ulong frame);

    [LibraryImport(XenLibraries.Control, EntryPoint = "xc_mem_paging_prep", SetLastError = true)]
    private static partial int PagingPrep(Handle xch, uint domain, ulong frame);

    [LibraryImport(XenLibraries.Control, EntryPoint = "xc_mem_paging_load", SetLastError = true)]
    private static partial int PagingLoad(Handle xch, uint domain, ulong frame, byte* buffer);
}
