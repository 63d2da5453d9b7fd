using HvLab.Harness.Drivers.Processes;
using HvLab.Harness.Lab;
using HvLab.Harness.Tests.Images;

namespace HvLab.Harness.Tests.Faults;

/// <summary>A file system of a few MiB in memory, unmounted with the test. Mounting needs root.</summary>
internal sealed class SmallDisk : IAsyncDisposable
{
    private readonly Scratch _scratch = new();

    public string Path => _scratch["disk"];

    public string this[string name] => System.IO.Path.Combine(Path, name);

    public static async Task<SmallDisk> MountAsync(int mebibytes)
    {
        var disk = new SmallDisk();
        Directory.CreateDirectory(disk.Path);
        await Command.RequireAsync(LabFault.MissingTool, "This test needs root, to mount a small disk.",
            "mount", ["-t", "tmpfs", "-o", $"size={mebibytes}m", "hvlab-test", disk.Path], CancellationToken.None);
        return disk;
    }

    /// <summary>Takes all space but so much; deleting the file frees it again.</summary>
    public string Occupy(long butBytes)
    {
        var ballast = this["ballast"];
        File.WriteAllBytes(ballast, new byte[new DriveInfo(Path).AvailableFreeSpace - butBytes]);
        return ballast;
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await Command.RequireAsync(LabFault.Image, "The code under test left a file on it open.", "umount", [Path], CancellationToken.None);
        }
        catch (LabException)
        {
            await Command.RunAsync("umount", ["--lazy", Path], CancellationToken.None);
            throw;
        }
        _scratch.Dispose();
    }
}
