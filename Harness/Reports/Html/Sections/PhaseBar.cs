using System.Globalization;
using System.Text;
using HvLab.Harness.Lab.Results;
using HvLab.Harness.Reports.Text;

namespace HvLab.Harness.Reports.Html.Sections;

/// <summary>Where the time went: a thin bar of numbered parts, and the same numbers as a list.</summary>
internal static class PhaseBar
{
    /// <summary>Widths as rules of the page's own style sheet, because its policy forbids style attributes. Numbers only.</summary>
    public static string Style(RunResult run)
    {
        var style = new StringBuilder();
        for (var i = 0; i < run.Phases.Count; i++)
            style.Append(CultureInfo.InvariantCulture, $".ph{i}{{flex-grow:{Finite(run.Phases[i].TookMs):0.###}}}\n");
        return style.ToString();
    }

    public static void Add(Markup page, RunResult run)
    {
        if (run.Phases.Count == 0)
            return;
        var total = run.Phases.Sum(p => Finite(p.TookMs));
        page.Add($"<section id=\"time\" aria-labelledby=\"h-time\"><h2 id=\"h-time\">Where the time went</h2>\n<div class=\"bar\" aria-hidden=\"true\">");
        for (var i = 0; i < run.Phases.Count; i++)
        {
            var wide = total > 0 && Finite(run.Phases[i].TookMs) / total > 0.04;
            page.Add($"<span class=\"ph{i} k{i % 6}\" title=\"{run.Phases[i].Phase}: {Durations.Millis(Finite(run.Phases[i].TookMs))}\">{(wide ? $"{i + 1}" : "")}</span>");
        }
        page.Add($"</div>\n<ol class=\"phases\">\n");
        for (var i = 0; i < run.Phases.Count; i++)
            page.Add($"<li><span class=\"key k{i % 6}\" aria-hidden=\"true\">{i + 1}</span> <span class=\"phase\">{run.Phases[i].Phase}</span> <span class=\"num\">{Durations.Millis(Finite(run.Phases[i].TookMs))}</span></li>\n");
        page.Add($"</ol></section>\n");
    }

    private static double Finite(double value) => double.IsFinite(value) && value > 0 ? value : 0;
}
