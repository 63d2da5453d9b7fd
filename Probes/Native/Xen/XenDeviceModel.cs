using System.Runtime.InteropServices;
using HvLab.Probes.Native.Linux;

namespace HvLab.Probes.Native.Xen;

/// <summary>hvmmem_type_t of hvm/hvm_op.h.</summary>
public enum HvmMemType : ushort
{
    RamRw = 0,
    RamRo = 1,
    MmioDm = 2,
    IoreqServer = 4,
}

/// <summary>libxendevicemodel: what a device model may do to its guest.</summary>
public sealed unsafe partial class XenDeviceModel : IDisposable
{
    /// <summary>XEN_DMOP_IOREQ_MEM_ACCESS_WRITE of hvm/dm_op.h.</summary>
    public const uint ForwardWrites = 2;

    private const int BufferedOff = 0; // HVM_IOREQSRV_BUFIOREQ_OFF

    private readonly Handle _handle = Handle.Open();

    public Errno SetMemType(uint domain, HvmMemType type, ulong first, uint count) =>
        Check(DmSetMemType(_handle, (ushort)domain, (int)type, first, count));

    public Errno CreateServer(uint domain, out ushort server)
    {
        server = 0;
        fixed (ushort* at = &server)
            return Check(DmCreateServer(_handle, (ushort)domain, BufferedOff, at));
    }

    public Errno DestroyServer(uint domain, ushort server) => Check(DmDestroyServer(_handle, (ushort)domain, server));
    public Errno SetServerState(uint domain, ushort server, bool enabled) => Check(DmSetServerState(_handle, (ushort)domain, server, enabled ? 1 : 0));

    /// <param name="frame">The ioreq page's frame number in the guest.</param>
    public Errno GetServerInfo(uint domain, ushort server, out ulong frame)
    {
        frame = 0;
        fixed (ulong* at = &frame)
            return Check(DmGetServerInfo(_handle, (ushort)domain, server, at, null, null));
    }

    /// <param name="first">First port or address of the range.</param>
    /// <param name="last">Last port or address, included.</param>
    public Errno MapRange(uint domain, ushort server, bool mmio, ulong first, ulong last) =>
        Check(DmMapRange(_handle, (ushort)domain, server, mmio ? 1 : 0, first, last));

    public Errno UnmapRange(uint domain, ushort server, bool mmio, ulong first, ulong last) =>
        Check(DmUnmapRange(_handle, (ushort)domain, server, mmio ? 1 : 0, first, last));

    /// <param name="flags"><see cref="ForwardWrites"/>, or 0 to give the type back.</param>
    public Errno MapMemType(uint domain, ushort server, HvmMemType type, uint flags) =>
        Check(DmMapMemType(_handle, (ushort)domain, server, (ushort)type, flags));

    public Errno InjectMsi(uint domain, ulong address, uint data) => Check(DmInjectMsi(_handle, (ushort)domain, address, data));

    public void Dispose() => _handle.Dispose();

    private static Errno Check(int result) => result < 0 ? Errno.Last : Errno.None;

    [LibraryImport(XenLibraries.DeviceModel, EntryPoint = "xendevicemodel_set_mem_type", SetLastError = true)]
    private static partial int DmSetMemType(Handle dmod, ushort domain, int type, ulong first, uint count);

    [LibraryImport(XenLibraries.DeviceModel, EntryPoint = "xendevicemodel_create_ioreq_server", SetLastError = true)]
    private static partial int DmCreateServer(Handle dmod, ushort domain, int buffered, ushort* server);

    [LibraryImport(XenLibraries.DeviceModel, EntryPoint = "xendevicemodel_destroy_ioreq_server", SetLastError = true)]
    private static partial int DmDestroyServer(Handle dmod, ushort domain, ushort server);

    [LibraryImport(XenLibraries.DeviceModel, EntryPoint = "xendevicemodel_set_ioreq_server_state", SetLastError = true)]
    private static partial int DmSetServerState(Handle dmod, ushort domain, ushort server, int enabled);

    [LibraryImport(XenLibraries.DeviceModel, EntryPoint = "xendevicemodel_get_ioreq_server_info", SetLastError = true)]
    private static partial int DmGetServerInfo(Handle dmod, ushort domain, ushort server, ulong* frame, ulong* bufferedFrame, uint* bufferedPort);

    [LibraryImport(XenLibraries.DeviceModel, EntryPoint = "xendevicemodel_map_io_range_to_ioreq_server", SetLastError = true)]
    private static partial int DmMapRange(Handle dmod, ushort domain, ushort server, int mmio, ulong first, ulong last);

    [LibraryImport(XenLibraries.DeviceModel, EntryPoint = "xendevicemodel_unmap_io_range_from_ioreq_server", SetLastError = true)]
    private static partial int DmUnmapRange(Handle dmod, ushort domain, ushort server, int mmio, ulong first, ulong last);

    [LibraryImport(XenLibraries.DeviceModel, EntryPoint = "xendevicemodel_map_mem_type_to_ioreq_server", SetLastError = true)]
    private static partial int DmMapMemType(Handle dmod, ushort domain, ushort server, ushort type, uint flags);

    [LibraryImport(XenLibraries.DeviceModel, EntryPoint = "xendevicemodel_inject_msi", SetLastError = true)]
    private static partial int DmInjectMsi(Handle dmod, ushort domain, ulong address, uint data);

    internal sealed partial class Handle : SafeHandle
    {
        public Handle() : base(0, ownsHandle: true)
        {
        }

        public override bool IsInvalid => handle == 0;

        public static Handle Open()
        {
            var opened = OpenDeviceModel(XenQuiet.Logger, 0);
            return !opened.IsInvalid ? opened : throw new NativeCallException("xendevicemodel_open", Errno.Last);
        }

        protected override bool ReleaseHandle() => CloseDeviceModel(handle) == 0;

        [LibraryImport(XenLibraries.DeviceModel, EntryPoint = "xendevicemodel_open", SetLastError = true)]
        private static partial Handle OpenDeviceModel(nint logger, uint flags);

        [LibraryImport(XenLibraries.DeviceModel, EntryPoint = "xendevicemodel_close")]
        private static partial int CloseDeviceModel(nint dmod);
    }
}
