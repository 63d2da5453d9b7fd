using System.Globalization;
using System.Text;

namespace HvLab.Harness.Reports.Text;

/// <summary>
/// Untrusted text made harmless to look at: whatever a terminal, a browser's bidi algorithm or an XML parser would obey or
/// reject becomes a visible character. Nothing is dropped; results.json keeps the exact text.
/// </summary>
/// <remarks>
/// C0 controls become control pictures (ESC is ␛, NUL is ␀, DEL is ␡); C1 controls, format characters (bidi overrides, zero
/// width, tags), line separators, noncharacters and lone surrogates become ⟨U+XXXX⟩. Escaping for HTML or XML comes after.
/// </remarks>
public static class VisibleText
{
    /// <summary>Text for one line: line breaks and tabs become pictures too. At most <paramref name="max"/> characters of input are shown.</summary>
    public static string Line(string? text, int max = 2000) => Show(text ?? "", max, keepLayout: false);

    /// <summary>Text of several lines: \n and \t stay, \r\n becomes \n. At most <paramref name="max"/> characters of input are shown.</summary>
    public static string Block(string? text, int max = 64 * 1024) =>
        Show((text ?? "").Replace("\r\n", "\n", StringComparison.Ordinal), max, keepLayout: true);

    private static string Show(string text, int max, bool keepLayout)
    {
        var plain = true;
        foreach (var c in text)
            plain &= c is >= ' ' and < '\u007f';
        if (plain && text.Length <= max)
            return text;

        var shown = new StringBuilder(Math.Min(text.Length, max) + 16);
        var end = Math.Min(text.Length, max);
        if (end < text.Length && end > 0 && char.IsHighSurrogate(text[end - 1]))
            end--;
        for (var i = 0; i < end;)
        {
            if (!Rune.TryGetRuneAt(text, i, out var rune))
            {
                AppendCode(shown, text[i++]);
                continue;
            }
            i += rune.Utf16SequenceLength;
            Append(shown, rune, keepLayout);
        }
        if (end < text.Length)
            shown.Append(CultureInfo.InvariantCulture, $"… ({text.Length - end} more characters)");
        return shown.ToString();
    }

    private static void Append(StringBuilder shown, Rune rune, bool keepLayout)
    {
        var code = rune.Value;
        if (keepLayout && (code is '\n' or '\t'))
            shown.Append((char)code);
        else if (code < 0x20)
            shown.Append((char)(0x2400 + code));
        else if (code == 0x7f)
            shown.Append('\u2421');
        else if (Obeyed(rune))
            AppendCode(shown, code);
        else
            shown.Append(rune);
    }

    private static bool Obeyed(Rune rune) =>
        Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format
            or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
        || (rune.Value & 0xfffe) == 0xfffe
        || rune.Value is >= 0xfdd0 and <= 0xfdef;

    private static void AppendCode(StringBuilder shown, int code) =>
        shown.Append(CultureInfo.InvariantCulture, $"⟨U+{code:X4}⟩");
}
