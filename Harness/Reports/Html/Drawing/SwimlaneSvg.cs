using HvLab.Harness.Lab.Results;
using HvLab.Harness.Reports.Text;
using static HvLab.Harness.Reports.Html.Drawing.SwimlaneShapes;

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
    private const int MaxBoxLines = 5, MaxAllowed = 8;

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
        Heads(svg, lanes.Names, lifelines);
        return svg.Add(body).Add($"</svg>").ToString();
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
}
