using HvLab.Harness.Lab.Results;
using HvLab.Harness.Reports.Text;

namespace HvLab.Harness.Reports.Html.Drawing;

/// <summary>How a drawing is used.</summary>
public sealed record SwimlaneOptions
{
    /// <summary>True for an SVG file of its own (namespace, style sheet, background); false inside the report page.</summary>
    public bool Standalone { get; init; }
    /// <summary>Accessible name.</summary>
    public string Title { get; init; } = "Trace";
    /// <summary>A longer trace has its middle left out, with a note that says how many steps.</summary>
    public int MaxSteps { get; init; } = 24;
    /// <summary>Also quote the rules below the drawing; the page does that itself.</summary>
    public bool Rules { get; init; }
}

/// <summary>
/// A trace as a drawing: a column an actor, time downwards, a square box for what was done, a round one for what was seen, and
/// an arrow between them. The diverging answer is marked by shape and words, and below it stands what the model would have allowed.
/// </summary>
public static class SwimlaneSvg
{
    private const double Gutter = 92, ColumnWidth = 250, BoxWidth = 228, LineHeight = 15, BoxPadding = 7, RowGap = 12, Head = 44;
    private const int BoxColumns = 29, NoteColumnWidth = 7, MaxBoxLines = 5, MaxAllowed = 8;

    /// <summary>An svg element; all text of the scenario is made visible, escaped and bounded.</summary>
    public static string Render(ScenarioResult scenario, SwimlaneOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(scenario);
        options ??= new();
        var last = Math.Min(scenario.Divergence?.Step ?? int.MaxValue, scenario.Trace.Count - 1);
        IReadOnlyList<TraceStep> steps = [.. scenario.Trace.Take(last + 1)];
        var lanes = new SwimlaneLanes(steps);
        var width = Gutter + lanes.Names.Count * ColumnWidth + 8;

        var body = new Markup();
        var y = Head + 14;
        (double X, double Y)? diverges = null;
        foreach (var index in Drawn(steps.Count, options.MaxSteps))
            y = index is { } at
                ? Step(body, lanes, steps[at], at, y, at == scenario.Divergence?.Step, ref diverges)
                : Gap(body, width, y, steps.Count - (options.MaxSteps - 1));
        var lifelines = y;
        y = Verdict(body, scenario, options, width, y + 10, diverges);

        var svg = new Markup();
        svg.Add($"<svg class=\"swim\" role=\"img\" aria-label=\"{options.Title}\" width=\"{width}\" height=\"{y + 6}\" viewBox=\"0 0 {width} {y + 6}\"");
        if (options.Standalone)
            svg.Add($" xmlns=\"http://www.w3.org/2000/svg\"><style>").AddTrusted(Asset.Read("swimlane.css")).Add($"</style><rect class=\"paper\" width=\"{width}\" height=\"{y + 6}\"/>");
        else
            svg.Add($">");
        Heads(svg, lanes, lifelines);
        return svg.Add(body).Add($"</svg>").ToString();
    }

    // The first few steps set the scene and the last ones lead to the divergence; null stands for what is left out between.
    private static IEnumerable<int?> Drawn(int count, int max)
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

    private static void Heads(Markup svg, SwimlaneLanes lanes, double end)
    {
        for (var column = 0; column < lanes.Names.Count; column++)
            svg.Add($"<line class=\"life\" x1=\"{Centre(column)}\" y1=\"{Head - 4}\" x2=\"{Centre(column)}\" y2=\"{end}\"/><rect class=\"head\" x=\"{Centre(column) - BoxWidth / 2}\" y=\"8\" width=\"{BoxWidth}\" height=\"28\" rx=\"3\"/><text class=\"lane\" x=\"{Centre(column)}\" y=\"27\">{lanes.Names[column]}</text>\n");
    }

    private static double Step(
        Markup svg, SwimlaneLanes lanes, TraceStep step, int index, double y, bool diverging, ref (double X, double Y)? diverges)
    {
        var (from, to) = (lanes.Column(step.Actor, step.Vcpu), lanes.Column(step.Witness, step.Vcpu));
        var (operation, seen) = (VisibleText.Line(step.Operation, 400), VisibleText.Line(step.Seen, 400));
        var (done, answer) = (TextWrap.Wrap(operation, BoxColumns, MaxBoxLines), TextWrap.Wrap(seen, BoxColumns, MaxBoxLines));
        var stacked = from == to;
        var (doneHeight, answerHeight) = (Height(done), Height(answer));
        var answered = answer.Count > 0;
        var answerTop = stacked ? y + doneHeight + 16 : y + Math.Max(0, (doneHeight - answerHeight) / 2);
        var doneTop = stacked ? y : y + Math.Max(0, ((answered ? answerHeight : 0) - doneHeight) / 2);

        svg.Add($"<g class=\"step{(diverging ? " diverging" : "")}\"><title>{index + 1}. {operation} → {seen}</title><text class=\"number\" x=\"30\" y=\"{doneTop + doneHeight / 2 + 4}\">{index + 1}</text><text class=\"time\" x=\"{Gutter - 4}\" y=\"{doneTop + doneHeight / 2 + 4}\">{Durations.Micros(step.AtMicros)}</text>");
        if (answered && stacked)
            Arrow(svg, Centre(from), y + doneHeight, Centre(from), answerTop);
        else if (answered)
            Arrow(svg, Centre(from) + Math.Sign(to - from) * BoxWidth / 2, doneTop + doneHeight / 2,
                Centre(to) - Math.Sign(to - from) * BoxWidth / 2, doneTop + doneHeight / 2);
        Box(svg, "done", Centre(from), doneTop, doneHeight, 2, done);
        if (answered)
            Box(svg, "seen", Centre(to), answerTop, answerHeight, 12, answer);
        var bottom = Math.Max(doneTop + doneHeight, answered ? answerTop + answerHeight : 0);
        if (diverging)
        {
            var (column, top) = answered ? (to, answerTop) : (from, doneTop);
            Mark(svg, Centre(column) + BoxWidth / 2 - 6, top + 1);
            diverges = (Centre(column), bottom);
        }
        svg.Add($"</g>\n");
        return bottom + RowGap;
    }

    private static double Gap(Markup svg, double width, double y, int left)
    {
        svg.Add($"<g class=\"gap\"><line x1=\"{Gutter}\" y1=\"{y + 14}\" x2=\"{width - 8}\" y2=\"{y + 14}\"/><rect x=\"{width / 2 - 230}\" y=\"{y}\" width=\"460\" height=\"28\" rx=\"14\"/><text x=\"{width / 2}\" y=\"{y + 18.5}\">⋯ {left} steps are not drawn; the trace file has all of them ⋯</text></g>\n");
        return y + 28 + RowGap;
    }

    private static double Verdict(
        Markup svg, ScenarioResult scenario, SwimlaneOptions options, double width, double y, (double X, double Y)? diverges)
    {
        var columns = (int)((width - 16 - 40) / NoteColumnWidth) - 4;
        var notes = new List<(string Class, string Text)>();
        if (scenario.Divergence is { } divergence)
        {
            if (diverges is null)
                Note(notes, "strong", columns, $"step {divergence.Step + 1}: {divergence.Operation} → {divergence.Seen}");
            notes.Add(("strong", "✗ no model state explains this; allowed would have been:"));
            foreach (var allowed in divergence.Allowed.Take(MaxAllowed))
                Note(notes, "", columns, $"• {allowed}");
            if (divergence.Allowed.Count == 0)
                notes.Add(("", "• nothing: the model allows no observation here"));
            if (divergence.Allowed.Count > MaxAllowed)
                notes.Add(("", $"… and {divergence.Allowed.Count - MaxAllowed} more"));
            foreach (var rule in options.Rules ? divergence.Rules : [])
                Note(notes, "rule", columns, rule);
        }
        else
            notes.Add(scenario.Verdict == Lab.Results.Verdict.Failure
                ? ("strong", "✗ the trace ends here: the hypervisor crashed or hung")
                : ("strong", "the trace ends here"));

        var height = notes.Count * 17 + 18;
        if (diverges is { } from)
            Arrow(svg, from.X, from.Y, from.X, y, "diverge");
        svg.Add($"<g class=\"verdict-box{(scenario.Verdict == Lab.Results.Verdict.Failure ? " bad" : "")}\"><rect x=\"8\" y=\"{y}\" width=\"{width - 16}\" height=\"{height}\" rx=\"4\"/>");
        for (var i = 0; i < notes.Count; i++)
            svg.Add($"<text class=\"{notes[i].Class}\" x=\"24\" y=\"{y + 24 + i * 17}\">{notes[i].Text}</text>");
        svg.Add($"</g>\n");
        return y + height;
    }

    private static void Note(List<(string, string)> notes, string name, int columns, string text)
    {
        var first = true;
        foreach (var line in TextWrap.Wrap(VisibleText.Line(text, 1000), columns, 6))
        {
            notes.Add((name, first ? line : $"\u00a0\u00a0{line}"));
            first = false;
        }
    }

    private static void Box(Markup svg, string name, double centre, double top, double height, double radius, IReadOnlyList<string> lines)
    {
        svg.Add($"<rect class=\"{name}\" x=\"{centre - BoxWidth / 2}\" y=\"{top}\" width=\"{BoxWidth}\" height=\"{height}\" rx=\"{radius}\"/>");
        for (var i = 0; i < lines.Count; i++)
            svg.Add($"<text class=\"label\" x=\"{centre}\" y=\"{top + BoxPadding + 11.5 + i * LineHeight}\">{lines[i]}</text>");
    }

    // Arrowheads are polygons: a marker needs an id, and ids of several drawings on one page would collide.
    private static void Arrow(Markup svg, double x1, double y1, double x2, double y2, string name = "arrow")
    {
        var (dx, dy) = (Math.Sign(x2 - x1), Math.Sign(y2 - y1));
        svg.Add($"<line class=\"{name}\" x1=\"{x1}\" y1=\"{y1}\" x2=\"{x2 - dx * 7}\" y2=\"{y2 - dy * 7}\"/><polygon class=\"{name}-tip\" points=\"{x2},{y2} {x2 - dx * 8 - dy * 4.5},{y2 - dy * 8 - dx * 4.5} {x2 - dx * 8 + dy * 4.5},{y2 - dy * 8 + dx * 4.5}\"/>");
    }

    // An octagon with a cross, as a stop sign: told apart by its shape, not by its colour.
    private static void Mark(Markup svg, double x, double y) => svg.Add(
        $"<g class=\"mark\" transform=\"translate({x} {y})\"><polygon points=\"-4.6,-11 4.6,-11 11,-4.6 11,4.6 4.6,11 -4.6,11 -11,4.6 -11,-4.6\"/><path d=\"M-4.5,-4.5 L4.5,4.5 M4.5,-4.5 L-4.5,4.5\"/></g>");

    private static double Height(IReadOnlyList<string> lines) => lines.Count * LineHeight + 2 * BoxPadding;

    private static double Centre(int column) => Gutter + column * ColumnWidth + ColumnWidth / 2;
}
