using System.Runtime.InteropServices;

namespace HvLab.Probes.Native.Xen;

/// <summary>A logger that says nothing (struct xentoollog_logger of xentoollog.h): libraries print every error to stderr
/// otherwise, and errors are what probes are after.</summary>
internal static unsafe class XenQuiet
{
    /// <summary>Lives as long as the process.</summary>
    internal static nint Logger { get; } = Make();

    private static nint Make()
    {
        // SAFETY: three function pointers, as the header lays them out; never freed.
        var logger = (nint*)NativeMemory.AllocZeroed(3, (nuint)sizeof(nint));
        logger[0] = (nint)(delegate* unmanaged<nint, int, int, nint, nint, nint, void>)&Message;
        logger[1] = 0; // "null function pointer is ok"
        logger[2] = (nint)(delegate* unmanaged<nint, void>)&Destroy;
        return (nint)logger;
    }

    [UnmanagedCallersOnly]
    private static void Message(nint logger, int level, int errno, nint context, nint format, nint arguments)
    {
    }

    [UnmanagedCallersOnly]
    private static void Destroy(nint logger)
    {
    }
}
