using HvLab.Harness.Lab;
using HvLab.Harness.Provisioning.Cache;

namespace HvLab.Harness.Provisioning.Setup;

/// <summary>What answers /dev/kvm on a machine.</summary>
public enum KvmKind
{
    /// <summary>There is no /dev/kvm.</summary>
    None,
    /// <summary>It is there, but the CPU has neither svm nor vmx: a module emulates it (facts/kvm.md).</summary>
    Emulated,
    /// <summary>kvm_amd or kvm_intel without nesting: guests cannot be hosts.</summary>
    Hardware,
    /// <summary>kvm_amd or kvm_intel that offers virtualization to its guests too.</summary>
    HardwareNested,
}

/// <summary>What doctor says about the machine beyond the requirements.</summary>
/// <param name="Sdk">The .NET SDK's version; null where there is none.</param>
/// <param name="FreeBytes">What is free where the cache is or will be; null where that cannot be told.</param>
public sealed record MachineReport(string? Sdk, string CacheDirectory, long? FreeBytes, KvmKind Kvm, string KvmDetail)
{
    public static async Task<MachineReport> ReadAsync(HvLabPaths paths, Tools tools, Machine machine, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(paths);
        ArgumentNullException.ThrowIfNull(tools);
        ArgumentNullException.ThrowIfNull(machine);
        var sdk = machine.Locate("dotnet") is { } dotnet ? (await tools.RunAsync(dotnet, ["--version"], cancellation)).Output : null;
        var (kvm, detail) = InspectKvm(machine.Root);
        return new(sdk, paths.Cache, DiskSpace.FreeBytes(paths.Cache), kvm, detail);
    }

    /// <summary>Never from the device file's presence: from the CPU's flags, the loaded module and its parameter.</summary>
    /// <param name="root">The machine's root directory.</param>
    public static (KvmKind Kind, string Detail) InspectKvm(string root = "/")
    {
        if (!File.Exists(Path.Combine(root, "dev/kvm")))
            return (KvmKind.None, "no /dev/kvm");
        var flags = ReadWords(Path.Combine(root, "proc/cpuinfo"), "flags");
        var vendor = flags.Contains("svm") ? "kvm_amd" : flags.Contains("vmx") ? "kvm_intel" : null;
        if (vendor is null)
        {
            var modules = Path.Combine(root, "proc/modules");
            var names = File.Exists(modules)
                ? File.ReadLines(modules).Select(line => line.Split(' ')[0]).Where(name => name.StartsWith("kvm", StringComparison.Ordinal)).Order(StringComparer.Ordinal).ToList()
                : [];
            return (KvmKind.Emulated, $"/dev/kvm is there, but the CPU has neither svm nor vmx: an emulator answers ({(names.Count > 0 ? string.Join(", ", names) : "built in")})");
        }
        var nested = Path.Combine(root, "sys/module", vendor, "parameters/nested");
        return File.Exists(nested) && File.ReadAllText(nested).Trim() is "1" or "Y"
            ? (KvmKind.HardwareNested, $"{vendor} with nested virtualization")
            : (KvmKind.Hardware, $"{vendor} without nested virtualization (module parameter nested)");
    }

    private static HashSet<string> ReadWords(string file, string field) => !File.Exists(file) ? [] :
        [.. File.ReadLines(file).Where(line => line.StartsWith(field, StringComparison.Ordinal)).Take(1).SelectMany(line => line.Split(' ', '\t', ':'))];
}
