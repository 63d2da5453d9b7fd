using System.Globalization;
using HvLab.Harness.Reports.Html.Drawing;
using HvLab.Harness.Reports.Json;

namespace HvLab.Harness.Reports.Html;

/// <summary>explore.html: designs against properties, and each counterexample as a list and as a drawing. One self-contained page without scripts.</summary>
public static class ExplorationHtml
{
    // Wide drawings scroll in a box of their own.
    private const string OwnStyle = ".explored td, .explored th { padding: .25rem .6rem; text-align: left; border-bottom: 1px solid var(--line); } .explored { border-collapse: collapse; } .drawing { overflow-x: auto; }";

    public static string Render(IReadOnlyList<ExplorationDocument> documents)
    {
        ArgumentNullException.ThrowIfNull(documents);
        var style = Asset.Read("report.css") + Asset.Read("swimlane.css") + OwnStyle;
        var page = new Markup();
        page.Add($"<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
        page.Add($"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; base-uri 'none'; form-action 'none'; ")
            .AddTrusted($"style-src {Asset.CspHash(style)}\">\n");
        page.Add($"""
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <link rel="icon" href="data:,">
            <title>HvLab: explored models</title>
            <style>
            """).AddTrusted(style).Add($"</style>\n</head>\n<body>\n<header><p class=\"brand\">HvLab</p><h1>Explored models</h1></header>\n<main>\n");
        foreach (var model in documents.GroupBy(document => document.Model))
            Model(page, model.Key, [.. model]);
        return page.Add($"</main>\n</body>\n</html>\n").ToString();
    }

    private static void Model(Markup page, string name, IReadOnlyList<ExplorationDocument> designs)
    {
        page.Add($"<section><h2>{name}</h2><p class=\"quiet\">Left out: {designs[0].OutOfScope}.</p><div class=\"drawing\"><table class=\"explored\"><thead><tr><th scope=\"col\">Design</th><th scope=\"col\">States</th>");
        foreach (var property in designs[0].Properties)
            page.Add($"<th scope=\"col\">{property.Name}</th>");
        page.Add($"</tr></thead><tbody>\n");
        foreach (var design in designs)
        {
            page.Add($"<tr><th scope=\"row\">{(design.Faulty ? "fault: " : "")}{design.Design}</th><td class=\"num\">{design.States.ToString("N0", CultureInfo.InvariantCulture)}</td>");
            foreach (var property in design.Properties)
                if (property.Counterexample is { } steps)
                    page.Add($"<td><a href=\"#{IdOf(design, property)}\">✗ {steps.Count} steps</a></td>");
                else
                    page.Add($"<td>{property.Verdict}</td>");
            page.Add($"</tr>\n");
        }
        page.Add($"</tbody></table></div>\n");
        foreach (var design in designs)
            Design(page, design);
        page.Add($"</section>\n");
    }

    private static void Design(Markup page, ExplorationDocument design)
    {
        page.Add($"<h3>{design.Design}</h3><p>{design.Summary}</p><p class=\"quiet\">{design.States.ToString("N0", CultureInfo.InvariantCulture)} states, {design.Transitions.ToString("N0", CultureInfo.InvariantCulture)} transitions, {design.Depth} steps deep{(design.Complete ? "" : "; not finished: nothing is proven")}; {string.Join(", ", design.Bounds.Select(bound => $"{bound.Key}={bound.Value}"))}.</p>\n");
        foreach (var property in design.Properties)
        {
            if (property.Counterexample is not { } steps)
                continue;
            page.Add($"<details id=\"{IdOf(design, property)}\"><summary>✗ {property.Name}: {steps.Count} steps</summary><p><q>{property.Rule}</q> ({property.Source})</p><ol>\n");
            foreach (var step in steps)
            {
                page.Add($"<li>{step.Actor} {step.Operation}");
                foreach (var belief in step.Beliefs)
                    page.Add($"<br><span class=\"quiet\">{belief.Who}: {belief.What}</span>");
                page.Add($"</li>\n");
            }
            page.Add($"</ol><div class=\"drawing\">").AddTrusted(CounterexampleSvg.Render(design, property, standalone: false)!).Add($"</div></details>\n");
        }
    }

    private static string IdOf(ExplorationDocument design, PropertyDocument property) => $"{design.Model}-{design.Design}-{property.Name}";
}
