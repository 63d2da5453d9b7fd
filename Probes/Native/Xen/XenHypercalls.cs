using System.Runtime.InteropServices;
using HvLab.Probes.Native.Linux;

namespace HvLab.Probes.Native.Xen;

/// <summary>libxencall: hypercalls that no other library wraps.</summary>
public sealed unsafe partial class XenHypercalls : IDisposable
{
    private const ulong HvmOp = 34; // __HYPERVISOR_hvm_op of xen.h
    private const ulong GetMemTypeOp = 15; // HVMOP_get_mem_type of hvm/hvm_op.h

    private readonly Handle _handle = Handle.Open();

    /// <summary>The type of a page as the interface names it; a log-dirty page is read-only for the moment.</summary>
    public Errno GetMemType(uint domain, ulong frame, out ushort type)
    {
        type = 0;
        var argument = (GetMemTypeArgument*)AllocateBuffer(_handle, (nuint)sizeof(GetMemTypeArgument));
        if (argument == null)
            return Errno.Last;
        // SAFETY: the buffer holds the structure and lives until it is freed below.
        *argument = new() { Domain = (ushort)domain, Frame = frame };
        var result = Call(_handle, HvmOp, GetMemTypeOp, (ulong)argument);
        var errno = result < 0 ? Errno.Last : Errno.None;
        type = argument->Type;
        FreeBuffer(_handle, argument);
        return errno;
    }

    public void Dispose() => _handle.Dispose();

    /// <summary>struct xen_hvm_get_mem_type of hvm/hvm_op.h.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct GetMemTypeArgument
    {
        public ushort Domain, Type, Pad0, Pad1;
        public ulong Frame;
    }

    [LibraryImport(XenLibraries.Call, EntryPoint = "xencall2", SetLastError = true)]
    private static partial int Call(Handle xcall, ulong operation, ulong first, ulong second);

    [LibraryImport(XenLibraries.Call, EntryPoint = "xencall_alloc_buffer", SetLastError = true)]
    private static partial void* AllocateBuffer(Handle xcall, nuint size);

    [LibraryImport(XenLibraries.Call, EntryPoint = "xencall_free_buffer")]
    private static partial void FreeBuffer(Handle xcall, void* buffer);

    internal sealed partial class Handle : SafeHandle
    {
        public Handle() : base(0, ownsHandle: true)
        {
        }

        public override bool IsInvalid => handle == 0;

        public static Handle Open()
        {
            var opened = OpenCall(XenQuiet.Logger, 0);
            return !opened.IsInvalid ? opened : throw new NativeCallException("xencall_open", Errno.Last);
        }

        protected override bool ReleaseHandle() => CloseCall(handle) == 0;

        [LibraryImport(XenLibraries.Call, EntryPoint = "xencall_open", SetLastError = true)]
        private static partial Handle OpenCall(nint logger, uint flags);

        [LibraryImport(XenLibraries.Call, EntryPoint = "xencall_close")]
        private static partial int CloseCall(nint xcall);
    }
}
