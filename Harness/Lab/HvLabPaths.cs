namespace HvLab.Harness.Lab;

/// <summary>Where things live on this machine.</summary>
/// <param name="Repository">The checkout: the directory that holds HvLab.sln.</param>
/// <param name="Cache">Images, snapshots, packages, probe builds: content-addressed, safe to delete when nothing runs.</param>
public sealed record HvLabPaths(string Repository, string Cache)
{
    public string LabConfig => Path.Combine(Repository, "lab-config");

    /// <summary>HVLAB_ROOT and HVLAB_CACHE first; else upwards from the program to HvLab.sln, and the user's cache directory.</summary>
    public static HvLabPaths Find(Func<string, string?> environment)
    {
        ArgumentNullException.ThrowIfNull(environment);
        return new(
            NonEmpty(environment("HVLAB_ROOT")) ?? FindRepository(AppContext.BaseDirectory),
            Path.GetFullPath(NonEmpty(environment("HVLAB_CACHE"))
                ?? Path.Combine(NonEmpty(environment("XDG_CACHE_HOME"))
                    ?? Path.Combine(environment("HOME") ?? "/", ".cache"), "hvlab")));
    }

    private static string FindRepository(string from)
    {
        for (var directory = new DirectoryInfo(from); directory is not null; directory = directory.Parent)
            if (File.Exists(Path.Combine(directory.FullName, "HvLab.sln")))
                return directory.FullName;
        throw new LabException(LabFault.Configuration,
            $"HvLab's repository was not found above {from}. Start ./hvlab from its checkout, or set HVLAB_ROOT to it.");
    }

    private static string? NonEmpty(string? text) => string.IsNullOrWhiteSpace(text) ? null : text;
}
