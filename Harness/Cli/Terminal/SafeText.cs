using System.Text;

namespace HvLab.Harness.Cli.Terminal;

/// <summary>Untrusted text on its way to a terminal: no control characters (so no escape sequences), bounded.</summary>
internal static class SafeText
{
    /// <summary>One line of at most <paramref name="most"/> characters.</summary>
    public static string Line(string text, int most) => Clean(text.Length > most ? text[..most] + "…" : text, keepLines: false);

    /// <summary>Several lines, at most 16 KiB.</summary>
    public static string Lines(string text) => Clean(text.Length > 16384 ? text[..16384] + "…" : text, keepLines: true);

    private static string Clean(string text, bool keepLines)
    {
        var clean = new StringBuilder(text.Length);
        foreach (var letter in text)
            if (letter is '\r')
                continue;
            else if (!char.IsControl(letter) || (keepLines && letter is '\n'))
                clean.Append(letter);
            else
                clean.Append(letter is '\t' or '\n' ? ' ' : '\uFFFD');
        return clean.ToString();
    }
}
