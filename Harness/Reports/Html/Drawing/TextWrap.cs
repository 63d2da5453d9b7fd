using System.Globalization;
using System.Text;

namespace HvLab.Harness.Reports.Html.Drawing;

/// <summary>Breaks text into lines of a monospace font, since SVG does not.</summary>
internal static class TextWrap
{
    /// <summary>
    /// At most <paramref name="maxLines"/> lines of at most <paramref name="columns"/> columns, broken after spaces where that
    /// is possible; a text that does not fit ends in "…". Wide characters count two columns.
    /// </summary>
    public static IReadOnlyList<string> Wrap(string text, int columns, int maxLines)
    {
        var lines = new List<string>();
        var rest = text.Trim();
        while (rest.Length > 0)
        {
            var fits = Fitting(rest, columns);
            if (fits < rest.Length && lines.Count == maxLines - 1)
            {
                lines.Add(rest[..Fitting(rest, columns - 1)] + "…");
                break;
            }
            var end = fits == rest.Length ? fits : BreakBefore(rest, fits);
            lines.Add(rest[..end].TrimEnd());
            rest = rest[end..].TrimStart();
        }
        return lines;
    }

    private static int BreakBefore(string text, int fits)
    {
        var space = text.LastIndexOf(' ', fits, fits + 1);
        return space > fits / 3 ? space : fits;
    }

    private static int Fitting(string text, int columns)
    {
        var used = 0;
        var end = 0;
        while (end < text.Length)
        {
            var length = StringInfo.GetNextTextElementLength(text, end);
            used += Wide(text, end) ? 2 : 1;
            if (used > columns && end > 0)
                break;
            end += length;
        }
        return end;
    }

    // East Asian wide blocks and everything outside the basic plane, roughly: a drawing needs no more.
    private static bool Wide(string text, int at) =>
        Rune.TryGetRuneAt(text, at, out var rune) && (rune.Value is >= 0x1100 and <= 0x115f or >= 0x2e80 and <= 0xa4cf or >= 0xac00 and <= 0xd7a3
            or >= 0xf900 and <= 0xfaff or >= 0xfe30 and <= 0xfe6f or >= 0xff00 and <= 0xff60 || rune.Value > 0xffff);
}
