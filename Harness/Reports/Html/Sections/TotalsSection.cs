using HvLab.Harness.Lab.Results;
using HvLab.Harness.Reports.Summary;

namespace HvLab.Harness.Reports.Html.Sections;

/// <summary>The totals, one tile an outcome.</summary>
internal static class TotalsSection
{
    public static void Add(Markup page, RunResult run)
    {
        var totals = RunTotals.Of(run);
        page.Add($"<section id=\"totals\" aria-labelledby=\"h-totals\"><h2 id=\"h-totals\">Totals</h2>\n<ul class=\"tiles\">\n");
        Tile(page, Outcome.Success, totals.Success);
        Tile(page, Outcome.Known, totals.Known);
        Tile(page, Outcome.Skip, totals.Skip);
        Tile(page, Outcome.Error, totals.Error);
        Tile(page, Outcome.Failure, totals.Failure);
        page.Add($"</ul>\n");
        if (totals.Missing > 0)
            page.Add($"<p class=\"quiet\">{totals.Missing} of {run.Planned} planned scenarios have no verdict.</p>\n");
        if (totals.Gone > 0)
            page.Add($"<p class=\"quiet\">{totals.Gone} listed known deviation(s) no longer happen: their entries in lab-config can go.</p>\n");
        page.Add($"</section>\n");
    }

    private static void Tile(Markup page, Outcome outcome, int count) => page.Add(
        $"<li class=\"tile o-{outcome.ToString()}{(count == 0 ? " none" : "")}\"><span class=\"count\">{count}</span> <span class=\"label\"><span class=\"sign\" aria-hidden=\"true\">{outcome.Sign()}</span> {outcome.Label()}</span></li>\n");
}
