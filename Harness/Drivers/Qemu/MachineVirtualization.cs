namespace HvLab.Harness.Drivers.Qemu;

/// <summary>
/// What this machine's own virtualization is. The file /dev/kvm alone proves nothing: an emulator module (kvm_pvm, for
/// instance) makes one too, without nested virtualization and at a fraction of TCG's usefulness.
/// </summary>
/// <param name="CpuFlags">Flags of the first CPU in /proc/cpuinfo.</param>
/// <param name="DeviceUsable">/dev/kvm exists and this user may open it for reading and writing.</param>
/// <param name="Module">"kvm_amd" or "kvm_intel" where loaded, else null.</param>
/// <param name="Nested">The module's parameter "nested".</param>
public sealed record MachineVirtualization(IReadOnlySet<string> CpuFlags, bool DeviceUsable, string? Module, bool Nested)
{
    public static MachineVirtualization Read()
    {
        var module = new[] { "kvm_amd", "kvm_intel" }.FirstOrDefault(name => Directory.Exists($"/sys/module/{name}"));
        return new(
            Flags(File.ReadLines("/proc/cpuinfo")),
            CanOpen("/dev/kvm"),
            module,
            module is not null && ReadParameter($"/sys/module/{module}/parameters/nested") is "1" or "Y");
    }

    /// <summary>The first thing that keeps KVM from running a box that runs KVM; null for none.</summary>
    public string? Obstacle =>
        !CpuFlags.Contains("svm") && !CpuFlags.Contains("vmx")
            ? DeviceUsable
                ? "this machine's CPU offers neither svm nor vmx (its /dev/kvm belongs to an emulator module)"
                : "this machine's CPU offers neither svm nor vmx"
        : Module is null ? "neither kvm_amd nor kvm_intel is loaded"
        : !Nested ? $"{Module} is loaded without nested=1"
        : !DeviceUsable ? "/dev/kvm cannot be opened by this user"
        : null;

    public static IReadOnlySet<string> Flags(IEnumerable<string> cpuinfo) =>
        (cpuinfo.FirstOrDefault(line => line.StartsWith("flags", StringComparison.Ordinal)) ?? "")
            .Split([' ', '\t', ':'], StringSplitOptions.RemoveEmptyEntries).Skip(1).ToHashSet(StringComparer.Ordinal);

    private static bool CanOpen(string device)
    {
        try
        {
            using var file = File.Open(device, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
        catch (UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static string ReadParameter(string path) => File.Exists(path) ? File.ReadAllText(path).Trim() : "";
}
