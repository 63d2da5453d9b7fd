using System.Runtime.InteropServices;
using HvLab.Probes.Native.Linux;

namespace HvLab.Probes.Native.Xen;

// Log-dirty: which pages a domain wrote.
public sealed unsafe partial class XenControl
{
    public Errno EnableLogDirty(uint domain) => Check(ShadowControl(_handle, domain, (uint)ShadowOp.EnableLogDirty, null, 0));
    public Errno DisableLogDirty(uint domain) => Check(ShadowControl(_handle, domain, (uint)ShadowOp.Off, null, 0));

    /// <summary>Reads the dirty bitmap of the domain's first pages.</summary>
    /// <param name="clean">True to start counting anew with the same call, false to look only.</param>
    /// <param name="dirty">Frames that were written, ascending.</param>
    public Errno ReadDirty(uint domain, int pages, bool clean, out IReadOnlyList<ulong> dirty)
    {
        dirty = [];
        HypercallBuffer buffer = default;
        var length = (pages + 7) / 8;
        var bufferPages = (length + 4095) / 4096;
        if (AllocatePages(_handle, &buffer, bufferPages) is var bitmap && bitmap == null)
            return Errno.Last;
        try
        {
            ShadowStats stats = default;
            if (LogDirtyControl(_handle, domain, (uint)(clean ? ShadowOp.Clean : ShadowOp.Peek), &buffer, (nuint)pages, 0, &stats) < 0)
                return Errno.Last;
            var found = new List<ulong>();
            for (var page = 0; page < pages; page++)
                if ((bitmap[page / 8] & (1 << (page % 8))) != 0) // SAFETY: the buffer holds a bit a page
                    found.Add((ulong)page);
            dirty = found;
            return Errno.None;
        }
        finally
        {
            FreePages(_handle, &buffer, bufferPages);
        }
    }

    /// <summary>struct xc_hypercall_buffer of xenctrl.h.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct HypercallBuffer
    {
        public nint Memory, ParameterShadow;
        public int Direction;
        public nint UserBuffer;
        public nuint Size;
    }

    /// <summary>struct xen_domctl_shadow_op_stats.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct ShadowStats
    {
        public uint Faults, Dirty;
    }

    [LibraryImport(XenLibraries.Control, EntryPoint = "xc__hypercall_buffer_alloc_pages", SetLastError = true)]
    private static partial byte* AllocatePages(Handle xch, HypercallBuffer* buffer, int pages);

    [LibraryImport(XenLibraries.Control, EntryPoint = "xc__hypercall_buffer_free_pages")]
    private static partial void FreePages(Handle xch, HypercallBuffer* buffer, int pages);

    [LibraryImport(XenLibraries.Control, EntryPoint = "xc_logdirty_control", SetLastError = true)]
    private static partial long LogDirtyControl(Handle xch, uint domain, uint operation, HypercallBuffer* bitmap, nuint pages, uint mode, ShadowStats* stats);
}
