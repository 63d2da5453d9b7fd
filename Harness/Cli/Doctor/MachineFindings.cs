using System.Globalization;
using HvLab.Harness.Lab;

namespace HvLab.Harness.Cli.Doctor;

/// <summary>What this machine is and has room for.</summary>
internal static class MachineFindings
{
    private const long NeededGiB = 5;

    public static IReadOnlyList<DoctorFinding> Of(Session session) =>
        [Runtime(), Disk(session.Paths.Cache), Cache(session.Paths.Cache), LabConfiguration(session), Kvm()];

    private static DoctorFinding Runtime() => new("Machine", ".NET", Environment.Version.ToString(), "10.0 or newer",
        Environment.Version.Major >= 10 ? null : "Install the .NET 10 SDK.", Environment.Version.Major < 10);

    private static DoctorFinding Disk(string cache)
    {
        var free = new DriveInfo(ExistingParent(cache)).AvailableFreeSpace >> 30;
        return new("Machine", "Disk space", string.Create(CultureInfo.InvariantCulture, $"{free} GiB free for {cache}"), $"{NeededGiB} GiB",
            free >= NeededGiB ? null : "Make room, or set HVLAB_CACHE to a directory on a larger disk.", free < NeededGiB);
    }

    private static DoctorFinding Cache(string cache)
    {
        try
        {
            Directory.CreateDirectory(cache);
            var probe = Path.Combine(cache, $".doctor-{Environment.ProcessId}");
            File.WriteAllText(probe, "");
            File.Delete(probe);
            return new("Machine", "Cache directory", cache, "writable");
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            return new("Machine", "Cache directory", $"{cache}: {refused.Message}", "writable",
                "Correct its permissions, or set HVLAB_CACHE to a directory of your own.", Blocks: true);
        }
    }

    private static DoctorFinding LabConfiguration(Session session)
    {
        try
        {
            var lab = session.LoadLab([]);
            return new("Lab", "lab-config", $"valid: {lab.Boxes.Count} boxes, {lab.Releases.Count} releases, {lab.Suites.Count} suites", "valid");
        }
        catch (LabException problems)
        {
            return new("Lab", "lab-config", problems.Message, "valid", "Correct what each line names.", Blocks: true);
        }
    }

    /// <summary>The file's presence proves nothing: an emulating module may stand behind it.</summary>
    private static DoctorFinding Kvm()
    {
        const string fallback = "none is fine: the box is emulated (TCG)";
        if (!File.Exists("/dev/kvm"))
            return new("Machine", "/dev/kvm", "absent", fallback);
        var flags = File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("flags", StringComparison.Ordinal))?.Split(' ') ?? [];
        var module = flags.Contains("svm") ? "kvm_amd" : flags.Contains("vmx") ? "kvm_intel" : null;
        if (module is null)
            return new("Machine", "/dev/kvm", "present, but the CPU shows neither svm nor vmx: an emulator answers it", fallback);
        var nested = $"/sys/module/{module}/parameters/nested";
        var isNested = File.Exists(nested) && File.ReadAllText(nested).Trim() is "1" or "Y";
        return new("Machine", "/dev/kvm", $"{module}, nested virtualization {(isNested ? "on" : "off")}", fallback);
    }

    private static string ExistingParent(string path)
    {
        while (!Directory.Exists(path))
            path = Path.GetDirectoryName(path) ?? "/";
        return path;
    }
}
