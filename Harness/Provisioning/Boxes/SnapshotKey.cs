using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using HvLab.Harness.Drivers.Qemu;
using HvLab.Harness.Provisioning.Images;

namespace HvLab.Harness.Provisioning.Boxes;

/// <summary>Everything that a snapshot depends on, as one hash: another kernel, image, QEMU, machine or probe is another snapshot.</summary>
internal static class SnapshotKey
{
    /// <summary>Raise it when what is inside a snapshot changes without any of its inputs changing.</summary>
    private const string Format = "hvlab-snapshot-1";

    public static string Of(BootArtifacts boot, QemuMachine machine, string? probeHash)
    {
        var parts = new List<string>
        {
            Format, boot.Key, machine.CommandLine, Emulator(machine.Emulator), probeHash ?? "",
            // "-cpu host" is whatever this machine is.
            machine.Kvm ? HostCpu(File.ReadLines("/proc/cpuinfo")) : "",
        };
        parts.AddRange(QemuArguments.Hardware(machine));
        return Hex(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\0', parts))));
    }

    public static string HashFile(string path)
    {
        using var file = File.OpenRead(path);
        return Hex(SHA256.HashData(file));
    }

    /// <summary>Another version is another file; asking it for its version would cost more than a tenth of the restore.</summary>
    private static string Emulator(string path)
    {
        var file = new FileInfo(path);
        return string.Create(CultureInfo.InvariantCulture, $"{path} {file.Length} {file.LastWriteTimeUtc.Ticks}");
    }

    private static string HostCpu(IEnumerable<string> cpuinfo) =>
        string.Join('\n', cpuinfo.TakeWhile(line => line.Length > 0)
            .Where(line => line.StartsWith("model name", StringComparison.Ordinal)
                || line.StartsWith("flags", StringComparison.Ordinal) || line.StartsWith("microcode", StringComparison.Ordinal)));

    private static string Hex(byte[] hash) => Convert.ToHexStringLower(hash);
}
