using System.Globalization;
using System.Runtime.InteropServices;
using HvLab.Probes.Native.Linux;

namespace HvLab.Probes.Native.Xen;

/// <summary>
/// libxenctrl of dom0's own release. Every call answers with an error number, since that is what is under test;
/// <see cref="XenErrors.Require"/> makes an exception of it where the lab itself relies on the call.
/// </summary>
public sealed partial class XenControl : IDisposable
{
    private const int VersionCommand = 0; // XENVER_version

    private readonly Handle _handle = Handle.Open();

    public XenControl()
    {
        var version = Version(_handle, VersionCommand, 0);
        (Major, Minor) = (version >> 16, version & 0xffff);
    }

    /// <summary>Physical CPUs that Xen could use, online or not.</summary>
    public int MaxCpus => GetMaxCpus(_handle);

    public int Major { get; }
    public int Minor { get; }
    public string Release => string.Create(CultureInfo.InvariantCulture, $"{Major}.{Minor}");

    public void Dispose() => _handle.Dispose();

    /// <summary>Presses keys of Xen's debug console (xl debug-keys).</summary>
    public Errno SendDebugKeys(string keys) => Check(DebugKeys(_handle, keys));

    private static Errno Check(long result) => result < 0 ? Errno.Last : Errno.None;

    [LibraryImport(XenLibraries.Control, EntryPoint = "xc_version", SetLastError = true)]
    private static partial int Version(Handle xch, int command, nint argument);

    [LibraryImport(XenLibraries.Control, EntryPoint = "xc_get_max_cpus", SetLastError = true)]
    private static partial int GetMaxCpus(Handle xch);

    [LibraryImport(XenLibraries.Control, EntryPoint = "xc_send_debug_keys", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int DebugKeys(Handle xch, string keys);

    /// <summary>An xc_interface *, closed exactly once.</summary>
    internal sealed partial class Handle : SafeHandle
    {
        public Handle() : base(0, ownsHandle: true)
        {
        }

        public override bool IsInvalid => handle == 0;

        public static Handle Open()
        {
            var opened = InterfaceOpen(XenQuiet.Logger, XenQuiet.Logger, 0);
            return !opened.IsInvalid ? opened : throw new NativeCallException("xc_interface_open", Errno.Last);
        }

        protected override bool ReleaseHandle() => InterfaceClose(handle) == 0;

        [LibraryImport(XenLibraries.Control, EntryPoint = "xc_interface_open", SetLastError = true)]
        private static partial Handle InterfaceOpen(nint logger, nint domainBuilderLogger, uint flags);

        [LibraryImport(XenLibraries.Control, EntryPoint = "xc_interface_close")]
        private static partial int InterfaceClose(nint xch);
    }
}

public static class XenErrors
{
    /// <summary>For calls that the lab relies on: an error is the lab's trouble, not an observation.</summary>
    /// <exception cref="NativeCallException">The call failed.</exception>
    public static void Require(this Errno errno, string call)
    {
        if (errno != Errno.None)
            throw new NativeCallException(call, errno);
    }
}
