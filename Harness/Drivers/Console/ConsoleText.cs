using System.Globalization;
using System.Text;

namespace HvLab.Harness.Drivers.Console;

/// <summary>Untrusted text made safe to show: bounded, and without control characters that a terminal would obey.</summary>
public static class ConsoleText
{
    public const int MaxExcerptChars = 8 * 1024;

    /// <summary>Line feeds and tabs stay, carriage returns go, every other control or unpaired surrogate becomes \xNN.</summary>
    public static string Escape(string text, int maxChars = MaxExcerptChars)
    {
        ArgumentNullException.ThrowIfNull(text);
        var start = Math.Max(0, text.Length - maxChars);
        var safe = new StringBuilder(text.Length - start);
        if (start > 0)
            safe.Append("[…] ");
        foreach (var character in text.AsSpan(start))
        {
            if (character == '\r')
                continue;
            if (character is '\n' or '\t' || !(char.IsControl(character) || char.IsSurrogate(character) || IsFormat(character)))
                safe.Append(character);
            else
                safe.Append(CultureInfo.InvariantCulture, $"\\x{(int)character:x2}");
        }
        return safe.ToString();
    }

    /// <summary>Bidirectional overrides and their like: invisible, and they reorder what is shown.</summary>
    private static bool IsFormat(char character) =>
        CharUnicodeInfo.GetUnicodeCategory(character) is UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
}
