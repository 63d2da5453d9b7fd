using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace HvLab.Probes.Native.Xen;

/// <summary>
/// Finds Xen's libraries in dom0. Names in <c>LibraryImport</c> carry no version: libxenctrl's interface is that of one Xen
/// release (its soname says which), so the one of the running hypervisor is taken; the others have a stable interface.
/// </summary>
internal static class XenLibraries
{
    internal const string Control = "libxenctrl", ForeignMemory = "libxenforeignmemory", EventChannel = "libxenevtchn",
        DeviceModel = "libxendevicemodel";

    // Runs before the first call into any of them, whichever that is.
#pragma warning disable CA2255 // The assembly is an application's own, not a package.
    [ModuleInitializer]
    internal static void Initialize() => NativeLibrary.SetDllImportResolver(typeof(XenLibraries).Assembly, Resolve);
#pragma warning restore CA2255

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path)
    {
        if (!name.StartsWith("libxen", StringComparison.Ordinal))
            return 0; // everything else is found as always
        foreach (var candidate in Candidates(name))
            if (NativeLibrary.TryLoad(candidate, out var handle))
                return handle;
        return 0;
    }

    private static IEnumerable<string> Candidates(string name) => name == Control
        ? [.. Release is { } release ? (string[])[$"{name}.so.{release}"] : [], $"{name}.so"]
        : [$"{name}.so.1", $"{name}.so"];

    /// <summary>"4.17" where that runs; null where this is no Xen domain.</summary>
    private static string? Release
    {
        get
        {
            const string version = "/sys/hypervisor/version";
            try
            {
                return $"{File.ReadAllText($"{version}/major").Trim()}.{File.ReadAllText($"{version}/minor").Trim()}";
            }
            catch (IOException)
            {
                return null;
            }
        }
    }
}
