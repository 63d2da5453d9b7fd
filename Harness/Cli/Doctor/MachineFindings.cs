using System.Globalization;
using HvLab.Harness.Drivers.Qemu;
using HvLab.Harness.Lab;

namespace HvLab.Harness.Cli.Doctor;

/// <summary>What this machine is and has room for.</summary>
internal static class MachineFindings
{
    private const long NeededGiB = 5;

    public static IReadOnlyList<DoctorFinding> Of(Session session) =>
        [Runtime(), Disk(session.Paths.Cache), Cache(session.Paths.Cache), LabConfiguration(session), Acceleration()];

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
    private static DoctorFinding Acceleration() => new("Machine", "Boxes run by",
        AccelerationChoice.Decide(Lab.Configuration.Acceleration.Auto, MachineVirtualization.Read()).Why,
        "KVM that nests, or else TCG, which every machine has");

    private static string ExistingParent(string path)
    {
        while (!Directory.Exists(path))
            path = Path.GetDirectoryName(path) ?? "/";
        return path;
    }
}
