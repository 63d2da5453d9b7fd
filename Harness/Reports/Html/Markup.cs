using System.Globalization;
using System.Net;
using System.Runtime.CompilerServices;
using System.Text;
using HvLab.Harness.Reports.Text;

namespace HvLab.Harness.Reports.Html;

/// <summary>
/// HTML or SVG under construction. The literal parts of an interpolated string are markup; every hole is text and is made
/// visible and escaped, so that no caller can forget it. Only another <see cref="Markup"/> goes in as it is.
/// </summary>
internal sealed class Markup
{
    private readonly StringBuilder text = new();

    public Markup Add([InterpolatedStringHandlerArgument("")] ref Handler html) => this;

    public Markup Add(Markup inner)
    {
        text.Append(inner.text);
        return this;
    }

    /// <summary>Text that this repository wrote (a style sheet, a script), or that a serializer encoded for this place.</summary>
    public Markup AddTrusted(string markup)
    {
        text.Append(markup);
        return this;
    }

    public override string ToString() => text.ToString();

    private void Text(string? untrusted, bool block = false) =>
        text.Append(WebUtility.HtmlEncode(block ? VisibleText.Block(untrusted) : VisibleText.Line(untrusted)));

    [InterpolatedStringHandler]
    public readonly ref struct Handler(int literalLength, int formattedCount, Markup markup)
    {
        private readonly Markup markup = Reserve(markup, literalLength + formattedCount * 16);

        public void AppendLiteral(string literal) => markup.text.Append(literal);

        public void AppendFormatted(string? untrusted) => markup.Text(untrusted);

        /// <summary>Format "block" keeps line breaks, for pre elements.</summary>
        public void AppendFormatted(string? untrusted, string format) => markup.Text(untrusted, format == "block");

        public void AppendFormatted(int number) => markup.text.Append(CultureInfo.InvariantCulture, $"{number}");

        public void AppendFormatted(double number) => markup.text.Append(CultureInfo.InvariantCulture, $"{number:0.##}");

        public void AppendFormatted(Markup inner) => markup.text.Append(inner.text);

        private static Markup Reserve(Markup markup, int more)
        {
            markup.text.EnsureCapacity(markup.text.Length + more);
            return markup;
        }
    }
}
