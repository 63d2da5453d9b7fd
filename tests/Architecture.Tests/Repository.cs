using System.Diagnostics;

namespace HvLab.Architecture.Tests;

/// <summary>The checkout under test.</summary>
internal static class Repository
{
    public static string Root { get; } = Find();

    /// <summary>What git tracks or would track (new files too), relative paths; existing files only.</summary>
    public static IReadOnlyList<string> Files { get; } = ListFiles();

    public static string Read(string file) => File.ReadAllText(Path.Combine(Root, file));

    public static IEnumerable<string> FilesEndingIn(string extension) =>
        Files.Where(file => file.EndsWith(extension, StringComparison.Ordinal));

    private static string Find()
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
            if (File.Exists(Path.Combine(directory.FullName, "HvLab.sln")))
                return directory.FullName;
        throw new InvalidOperationException("HvLab.sln is not above the tests.");
    }

    private static string[] ListFiles()
    {
        var start = new ProcessStartInfo("git", ["-c", "safe.directory=*", "ls-files", "--cached", "--others", "--exclude-standard", "-z"])
        {
            WorkingDirectory = Root,
            RedirectStandardOutput = true,
        };
        using var git = Process.Start(start)!;
        var files = git.StandardOutput.ReadToEnd().Split('\0', StringSplitOptions.RemoveEmptyEntries);
        git.WaitForExit();
        if (git.ExitCode != 0)
            throw new InvalidOperationException($"git ls-files ended with exit code {git.ExitCode}.");
        return [.. files.Where(file => File.Exists(Path.Combine(Root, file)))];
    }
}
