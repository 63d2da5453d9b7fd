using System.Runtime.InteropServices;
using HvLab.Probes.Native.Linux;

namespace HvLab.Probes.Native.Xen;

/// <summary>libxenevtchn: notifications between domains. One instance serves one thread.</summary>
public sealed unsafe partial class XenEventChannels : IDisposable
{
    private const short PollIn = 1;

    private readonly Handle _handle = Handle.Open();

    /// <returns>The local port; negative with the error.</returns>
    public int Bind(uint domain, uint remotePort, out Errno errno) => Checked(BindInterdomain(_handle, domain, remotePort), out errno);

    public Errno Unbind(int port) => Checked(UnbindPort(_handle, (uint)port));
    public Errno Notify(int port) => Checked(NotifyPort(_handle, (uint)port));

    /// <summary>Waits for a notification, takes and unmasks it.</summary>
    /// <returns>The port, or null where none came in time.</returns>
    public int? Wait(int milliseconds)
    {
        var poll = new Libc.PollFd { Fd = DescriptorOf(_handle), Events = PollIn };
        if (Libc.Poll(&poll, 1, milliseconds) <= 0)
            return null;
        var port = Pending(_handle);
        if (port < 0)
            return null;
        _ = Unmask(_handle, (uint)port);
        return port;
    }

    public void Dispose() => _handle.Dispose();

    private static Errno Checked(int result) => result < 0 ? Errno.Last : Errno.None;

    private static int Checked(int result, out Errno errno)
    {
        errno = Checked(result);
        return result;
    }

    [LibraryImport(XenLibraries.EventChannel, EntryPoint = "xenevtchn_bind_interdomain", SetLastError = true)]
    private static partial int BindInterdomain(Handle xce, uint domain, uint remotePort);

    [LibraryImport(XenLibraries.EventChannel, EntryPoint = "xenevtchn_unbind", SetLastError = true)]
    private static partial int UnbindPort(Handle xce, uint port);

    [LibraryImport(XenLibraries.EventChannel, EntryPoint = "xenevtchn_notify", SetLastError = true)]
    private static partial int NotifyPort(Handle xce, uint port);

    [LibraryImport(XenLibraries.EventChannel, EntryPoint = "xenevtchn_pending", SetLastError = true)]
    private static partial int Pending(Handle xce);

    [LibraryImport(XenLibraries.EventChannel, EntryPoint = "xenevtchn_unmask", SetLastError = true)]
    private static partial int Unmask(Handle xce, uint port);

    [LibraryImport(XenLibraries.EventChannel, EntryPoint = "xenevtchn_fd")]
    private static partial int DescriptorOf(Handle xce);

    internal sealed partial class Handle : SafeHandle
    {
        public Handle() : base(0, ownsHandle: true)
        {
        }

        public override bool IsInvalid => handle == 0;

        public static Handle Open()
        {
            var opened = OpenChannels(XenQuiet.Logger, 0);
            return !opened.IsInvalid ? opened : throw new NativeCallException("xenevtchn_open", Errno.Last);
        }

        protected override bool ReleaseHandle() => CloseChannels(handle) == 0;

        [LibraryImport(XenLibraries.EventChannel, EntryPoint = "xenevtchn_open", SetLastError = true)]
        private static partial Handle OpenChannels(nint logger, uint flags);

        [LibraryImport(XenLibraries.EventChannel, EntryPoint = "xenevtchn_close")]
        private static partial int CloseChannels(nint xce);
    }
}
