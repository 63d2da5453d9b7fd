using HvLab.Harness.Reports.Text;

namespace HvLab.Harness.Reports.Html.Drawing;

/// <summary>What drawings with a column an actor are made of; lengths are pixels.</summary>
internal static class SwimlaneShapes
{
    public const double Gutter = 92, ColumnWidth = 250, BoxWidth = 228, LineHeight = 15, BoxPadding = 7, RowGap = 12, Head = 44;
    /// <summary>Characters in a line of a box, and the width of a note's character.</summary>
    public const int BoxColumns = 29, NoteColumnWidth = 7;

    // The first few steps set the scene and the last ones lead to the divergence; null stands for what is left out between.
    public static IEnumerable<int?> Drawn(int count, int max)
    {
        var head = count <= max ? count : Math.Min(5, max / 3);
        var tail = count <= max ? count : count - (max - 1 - head);
        for (var i = 0; i < head; i++)
            yield return i;
        if (tail > head)
            yield return null;
        for (var i = tail; i < count; i++)
            yield return i;
    }

    public static void Heads(Markup svg, IReadOnlyList<string> names, double end)
    {
        for (var column = 0; column < names.Count; column++)
            svg.Add($"<line class=\"life\" x1=\"{Centre(column)}\" y1=\"{Head - 4}\" x2=\"{Centre(column)}\" y2=\"{end}\"/><rect class=\"head\" x=\"{Centre(column) - BoxWidth / 2}\" y=\"8\" width=\"{BoxWidth}\" height=\"28\" rx=\"3\"/><text class=\"lane\" x=\"{Centre(column)}\" y=\"27\">{names[column]}</text>\n");
    }

    public static double Gap(Markup svg, double width, double y, int left)
    {
        svg.Add($"<g class=\"gap\"><line x1=\"{Gutter}\" y1=\"{y + 14}\" x2=\"{width - 8}\" y2=\"{y + 14}\"/><rect x=\"{width / 2 - 230}\" y=\"{y}\" width=\"460\" height=\"28\" rx=\"14\"/><text x=\"{width / 2}\" y=\"{y + 18.5}\">⋯ {left} steps are not drawn; the trace file has all of them ⋯</text></g>\n");
        return y + 28 + RowGap;
    }

    public static void Note(List<(string, string)> notes, string name, int columns, string text)
    {
        var first = true;
        foreach (var line in TextWrap.Wrap(VisibleText.Line(text, 1000), columns, 6))
        {
            notes.Add((name, first ? line : $"\u00a0\u00a0{line}"));
            first = false;
        }
    }

    public static void Box(Markup svg, string name, double centre, double top, double height, double radius, IReadOnlyList<string> lines)
    {
        svg.Add($"<rect class=\"{name}\" x=\"{centre - BoxWidth / 2}\" y=\"{top}\" width=\"{BoxWidth}\" height=\"{height}\" rx=\"{radius}\"/>");
        for (var i = 0; i < lines.Count; i++)
            svg.Add($"<text class=\"label\" x=\"{centre}\" y=\"{top + BoxPadding + 11.5 + i * LineHeight}\">{lines[i]}</text>");
    }

    // Arrowheads are polygons: a marker needs an id, and ids of several drawings on one page would collide.
    public static void Arrow(Markup svg, double x1, double y1, double x2, double y2, string name = "arrow")
    {
        var (dx, dy) = (Math.Sign(x2 - x1), Math.Sign(y2 - y1));
        svg.Add($"<line class=\"{name}\" x1=\"{x1}\" y1=\"{y1}\" x2=\"{x2 - dx * 7}\" y2=\"{y2 - dy * 7}\"/><polygon class=\"{name}-tip\" points=\"{x2},{y2} {x2 - dx * 8 - dy * 4.5},{y2 - dy * 8 - dx * 4.5} {x2 - dx * 8 + dy * 4.5},{y2 - dy * 8 + dx * 4.5}\"/>");
    }

    // An octagon with a cross, as a stop sign: told apart by its shape, not by its colour.
    public static void Mark(Markup svg, double x, double y) => svg.Add(
        $"<g class=\"mark\" transform=\"translate({x} {y})\"><polygon points=\"-4.6,-11 4.6,-11 11,-4.6 11,4.6 4.6,11 -4.6,11 -11,4.6 -11,-4.6\"/><path d=\"M-4.5,-4.5 L4.5,4.5 M4.5,-4.5 L-4.5,4.5\"/></g>");

    public static double Height(IReadOnlyList<string> lines) => lines.Count * LineHeight + 2 * BoxPadding;

    public static double Centre(int column) => Gutter + column * ColumnWidth + ColumnWidth / 2;
}
