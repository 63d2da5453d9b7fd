using System.Text.RegularExpressions;

namespace HvLab.Harness.Provisioning.Setup;

/// <summary>What of this machine decides what is missing: where programs are looked for, and which release it is.</summary>
/// <param name="SearchPath">Directories of PATH, in order.</param>
/// <param name="Root">The root directory; another one in tests.</param>
public sealed partial record Machine(IReadOnlyList<string> SearchPath, string Root = "/")
{
    /// <summary>From PATH, with the system directories that a user's PATH may lack.</summary>
    public static Machine This(Func<string, string?> environment)
    {
        ArgumentNullException.ThrowIfNull(environment);
        return new([.. (environment("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries),
            "/usr/local/sbin", "/usr/sbin", "/usr/local/bin", "/usr/bin", "/sbin", "/bin"]);
    }

    /// <summary>The full path of a program, or of a file given by absolute path; null where there is none.</summary>
    public string? Locate(string program) => Path.IsPathRooted(program)
        ? File.Exists(Path.Combine(Root, program[1..])) ? program : null
        : SearchPath.Select(directory => Path.Combine(directory, program)).FirstOrDefault(IsExecutable);

    /// <summary>VERSION_CODENAME of os-release, for instance "bookworm"; null where it does not say.</summary>
    public string? Codename()
    {
        var file = Path.Combine(Root, "etc/os-release");
        return File.Exists(file)
            ? File.ReadLines(file).Where(line => line.StartsWith("VERSION_CODENAME=", StringComparison.Ordinal))
                .Select(line => line.Split('=', 2)[1].Trim('"')).FirstOrDefault()
            : null;
    }

    /// <summary>The first dotted number in a program's words: "QEMU emulator version 10.0.2 (Debian …)" is 10.0.2.</summary>
    internal static Version? ParseVersion(string words) =>
        VersionPattern().Match(words) is { Success: true } match && Version.TryParse(match.Value, out var version) ? version : null;

    private static bool IsExecutable(string path) =>
        File.Exists(path) && (OperatingSystem.IsWindows() || (File.GetUnixFileMode(path)
            & (UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute)) != 0);

    [GeneratedRegex(@"\d+(\.\d+){1,3}")]
    private static partial Regex VersionPattern();
}
