using HvLab.Harness.Reports.Json;
using HvLab.Harness.Reports.Text;
using static HvLab.Harness.Reports.Html.Drawing.SwimlaneShapes;

namespace HvLab.Harness.Reports.Html.Drawing;

/// <summary>
/// A counterexample as a drawing: a column an actor and one for what is true of things, time downwards. A square box is what an
/// actor does, a round one what somebody believes afterwards; the last step is marked by shape and words.
/// </summary>
public static class CounterexampleSvg
{
    private const int MaxSteps = 60, MaxBoxLines = 7;
    private const string Things = "what is so";

    /// <summary>An svg element; null where the property has no counterexample.</summary>
    /// <param name="standalone">True for a file of its own (namespace, style sheet, background).</param>
    public static string? Render(ExplorationDocument document, PropertyDocument property, bool standalone)
    {
        ArgumentNullException.ThrowIfNull(document);
        ArgumentNullException.ThrowIfNull(property);
        if (property.Counterexample is not { } steps)
            return null;
        var lanes = LanesOf(document.Actors, steps);
        var width = Gutter + (lanes.Count * ColumnWidth) + 8;
        var body = new Markup();
        var y = Head + 14;
        var last = (X: Centre(0), Y: y);
        foreach (var index in Drawn(steps.Count, MaxSteps))
            y = index is { } at
                ? Step(body, lanes, steps[at], y, at == steps.Count - 1, ref last)
                : Gap(body, width, y, steps.Count - (MaxSteps - 1));
        var lifelines = y;
        y = Verdict(body, document, property, width, y + 10, last);

        var svg = new Markup();
        svg.Add($"<svg class=\"swim\" role=\"img\" aria-label=\"{document.Model}, design {document.Design}: how {property.Name} breaks\" width=\"{width}\" height=\"{y + 6}\" viewBox=\"0 0 {width} {y + 6}\"");
        if (standalone)
            svg.Add($" xmlns=\"http://www.w3.org/2000/svg\"><style>").AddTrusted(Asset.Read("swimlane.css")).Add($"</style><rect class=\"paper\" width=\"{width}\" height=\"{y + 6}\"/>");
        else
            svg.Add($">");
        Heads(svg, lanes, lifelines);
        return svg.Add(body).Add($"</svg>").ToString();
    }

    // Only who takes part, in the model's order; beliefs about things that are no actors share the last column.
    private static List<string> LanesOf(IReadOnlyList<string> actors, IReadOnlyList<StepDocument> steps)
    {
        var lanes = actors.Where(actor => steps.Any(step => step.Actor == actor || step.On == actor || step.Beliefs.Any(belief => belief.Who == actor))).ToList();
        if (lanes.Count == 0 || steps.Any(step => step.Beliefs.Any(belief => !lanes.Contains(belief.Who))))
            lanes.Add(Things);
        return lanes;
    }

    private static double Step(Markup svg, IReadOnlyList<string> lanes, StepDocument step, double y, bool breaks, ref (double X, double Y) last)
    {
        var column = Math.Max(0, IndexOf(lanes, step.Actor));
        var done = TextWrap.Wrap(VisibleText.Line(step.Operation, 400), BoxColumns, MaxBoxLines);
        var doneHeight = Height(done);
        svg.Add($"<g class=\"step{(breaks ? " diverging" : "")}\"><title>{step.Step}. {step.Actor} {step.Operation}</title><text class=\"number\" x=\"{Gutter - 12}\" y=\"{y + (doneHeight / 2) + 4}\">{step.Step}</text>");
        var bottom = y + doneHeight;
        if (step.On is { } on && IndexOf(lanes, on) is >= 0 and var to && to != column)
            Arrow(svg, Centre(column) + (Math.Sign(to - column) * BoxWidth / 2), y + (doneHeight / 2), Centre(to), y + (doneHeight / 2));
        Box(svg, "done", Centre(column), y, doneHeight, 2, done);
        // Beliefs stand below what led to them; those of others beside, below an arrow that ends there.
        foreach (var group in step.Beliefs.GroupBy(belief => IndexOf(lanes, belief.Who) is >= 0 and var own ? own : lanes.Count - 1))
        {
            var top = y + doneHeight + 8;
            foreach (var belief in group)
            {
                var text = lanes[group.Key] == belief.Who ? belief.What : $"{belief.Who}: {belief.What}";
                var lines = TextWrap.Wrap(VisibleText.Line(text, 400), BoxColumns, MaxBoxLines);
                Box(svg, "seen", Centre(group.Key), top, Height(lines), 12, lines);
                top += Height(lines) + 4;
            }
            bottom = Math.Max(bottom, top - 4);
        }
        if (breaks)
        {
            Mark(svg, Centre(column) + (BoxWidth / 2) - 6, y + 1);
            last = (Centre(column), bottom);
        }
        svg.Add($"</g>\n");
        return bottom + RowGap;
    }

    private static double Verdict(Markup svg, ExplorationDocument document, PropertyDocument property, double width, double y, (double X, double Y) last)
    {
        var columns = (int)((width - 56) / NoteColumnWidth) - 4;
        var notes = new List<(string Class, string Text)>();
        Note(notes, "strong", columns, $"✗ {property.Name} is broken by design {document.Design}");
        Note(notes, "rule", columns, $"\"{property.Rule}\" ({property.Source})");
        Note(notes, "", columns, $"No run that breaks it is shorter, within {string.Join(", ", document.Bounds.Select(bound => $"{bound.Key}={bound.Value}"))}.");
        var height = (notes.Count * 17) + 18;
        Arrow(svg, last.X, last.Y, last.X, y, "diverge");
        svg.Add($"<g class=\"verdict-box bad\"><rect x=\"8\" y=\"{y}\" width=\"{width - 16}\" height=\"{height}\" rx=\"4\"/>");
        for (var i = 0; i < notes.Count; i++)
            svg.Add($"<text class=\"{notes[i].Class}\" x=\"24\" y=\"{y + 24 + (i * 17)}\">{notes[i].Text}</text>");
        svg.Add($"</g>\n");
        return y + height;
    }

    private static int IndexOf(IReadOnlyList<string> lanes, string name)
    {
        for (var column = 0; column < lanes.Count; column++)
            if (lanes[column] == name)
                return column;
        return -1;
    }
}
