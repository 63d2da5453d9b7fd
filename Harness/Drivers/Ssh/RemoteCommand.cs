using System.Globalization;

namespace HvLab.Harness.Drivers.Ssh;

/// <summary>The text that the remote shell gets.</summary>
internal static class RemoteCommand
{
    /// <summary>Said on standard error before the program starts: it proves that the session stands, and whom to kill.</summary>
    public const string Announcement = "hvlab-pid ";

    /// <param name="before">Commands to run first, in the same connection; what becomes of them does not matter.</param>
    public static string Build(IReadOnlyList<string> arguments, IEnumerable<IReadOnlyList<string>> before)
    {
        var quietly = string.Concat(before.Select(command => ShellWord.Join(command) + " >/dev/null 2>&1; "));
        return $"{quietly}echo {Announcement}$$ >&2; exec {ShellWord.Join(arguments)}";
    }

    /// <summary>The process id in an announcement line; null for any other line.</summary>
    public static int? ParseAnnouncement(ReadOnlySpan<char> line) =>
        line.StartsWith(Announcement, StringComparison.Ordinal)
        && int.TryParse(line[Announcement.Length..].TrimEnd('\r'), NumberStyles.None, CultureInfo.InvariantCulture, out var pid)
        && pid > 1 ? pid : null;
}
