using System.Globalization;

namespace HvLab.Harness.Drivers.Processes;

/// <summary>
/// A short directory that only this user may enter, for sockets: their paths are limited to 107 bytes (unix(7)), run
/// directories are longer. It names the process it belongs to, so that <see cref="Sweep"/> removes what a kill -9 left.
/// </summary>
public sealed class PrivateDirectory : IDisposable
{
    private const string Prefix = "hvlab-";
    private const string OwnerFile = "owner";

    private PrivateDirectory(string path) => FullPath = path;

    public string FullPath { get; }

    public static PrivateDirectory Create()
    {
        // Mode 0700 from the start: mkdtemp(3).
        var directory = new PrivateDirectory(Directory.CreateTempSubdirectory(Prefix).FullName);
        directory.BelongTo(ProcessIdentity.Self);
        return directory;
    }

    public void BelongTo(ProcessIdentity owner)
    {
        ArgumentNullException.ThrowIfNull(owner);
        File.WriteAllText(PathOf(OwnerFile), string.Create(CultureInfo.InvariantCulture, $"{owner.Pid} {owner.StartTicks}"));
    }

    public string PathOf(string name) => Path.Combine(FullPath, name);

    /// <summary>
    /// Removes the directories of this user whose owner no longer runs, and ends an emulator that still works in one: a box to
    /// be kept whose harness was killed before it could be recorded, so that nobody else knows of it.
    /// </summary>
    public static void Sweep()
    {
        foreach (var path in Directory.EnumerateDirectories(Path.GetTempPath(), Prefix + "*"))
        {
            try
            {
                if (Owner(Path.Combine(path, OwnerFile)) is not { IsAlive: false })
                    continue;
                EndEmulatorsIn(path);
                Directory.Delete(path, recursive: true);
            }
            catch (UnauthorizedAccessException)
            {
                // Another user's.
            }
            catch (IOException)
            {
                // No owner file (being made right now, or somebody else's), or another sweep was faster.
            }
        }
    }

    public void Dispose()
    {
        if (Directory.Exists(FullPath))
            Directory.Delete(FullPath, recursive: true);
    }

    /// <summary>The directory's name is unique, and no other program's command line begins like that.</summary>
    private static void EndEmulatorsIn(string directory)
    {
        foreach (var process in Directory.EnumerateDirectories("/proc"))
            if (int.TryParse(Path.GetFileName(process), CultureInfo.InvariantCulture, out var pid) && ProcessIdentity.Of(pid) is { } identity
                && CommandLine(process) is [var program, .. var arguments]
                && (Path.GetFileName(program).StartsWith("qemu-system-", StringComparison.Ordinal) || Path.GetFileName(program) == "bochs-bin")
                && arguments.Any(argument => argument.Contains($"{directory}/", StringComparison.Ordinal)))
                identity.Kill();
    }

    private static string[] CommandLine(string process)
    {
        try
        {
            return File.ReadAllText(Path.Combine(process, "cmdline")).Split('\0');
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static ProcessIdentity? Owner(string file)
    {
        var words = File.ReadAllText(file).Split(' ');
        return words.Length == 2
            && int.TryParse(words[0], CultureInfo.InvariantCulture, out var pid)
            && long.TryParse(words[1], CultureInfo.InvariantCulture, out var ticks) ? new(pid, ticks) : null;
    }
}
