using System.Buffers;

namespace HvLab.Harness.Drivers.Ssh;

/// <summary>
/// SSH carries a command as one text for the remote user's shell (RFC 4254, section 6.5). This is the only place that turns
/// an argument array into such a text.
/// </summary>
public static class ShellWord
{
    private static readonly SearchValues<char> Plain =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-./:@%+,");

    /// <summary>One word that a POSIX shell reads back as exactly this argument.</summary>
    /// <exception cref="ArgumentException">It holds a NUL, which no argument can.</exception>
    public static string Quote(string argument)
    {
        ArgumentNullException.ThrowIfNull(argument);
        if (argument.Contains('\0', StringComparison.Ordinal))
            throw new ArgumentException("An argument cannot hold a NUL character.", nameof(argument));
        return argument.Length > 0 && !argument.AsSpan().ContainsAnyExcept(Plain)
            ? argument
            : "'" + argument.Replace("'", "'\\''", StringComparison.Ordinal) + "'";
    }

    public static string Join(IEnumerable<string> arguments) => string.Join(' ', arguments.Select(Quote));
}
