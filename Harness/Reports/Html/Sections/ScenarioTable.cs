using HvLab.Harness.Lab.Results;
using HvLab.Harness.Reports.Summary;
using HvLab.Harness.Reports.Text;

namespace HvLab.Harness.Reports.Html.Sections;

/// <summary>Every scenario, grouped by subsystem. A row opens to its trace, which the script builds when it is asked for.</summary>
internal static class ScenarioTable
{
    public static void Add(Markup page, RunResult run)
    {
        page.Add($"<section id=\"scenarios\" aria-labelledby=\"h-scenarios\"><h2 id=\"h-scenarios\">Scenarios</h2>\n");
        Filters(page, run);
        page.Add($"<noscript><p class=\"quiet\">Filters and traces need the script of this page; the traces are also in the run directory, below traces/.</p></noscript>\n");
        page.Add($"<table class=\"scenarios\"><thead><tr><th scope=\"col\">Scenario</th><th scope=\"col\">Verdict</th><th scope=\"col\" class=\"num\">Time</th></tr></thead>\n");
        foreach (var subsystem in run.Scenarios.Select((Scenario, Index) => (Scenario, Index)).GroupBy(s => s.Scenario.Subsystem))
        {
            page.Add($"<tbody><tr class=\"group\"><th scope=\"rowgroup\" colspan=\"3\">{subsystem.Key} <span class=\"quiet\">{subsystem.Count()}</span></th></tr>\n");
            foreach (var (scenario, index) in subsystem)
                Row(page, scenario, index);
            page.Add($"</tbody>\n");
        }
        page.Add($"</table>\n<p id=\"nothing\" class=\"quiet\" hidden>No scenario passes these filters.</p>\n</section>\n");
    }

    private static void Filters(Markup page, RunResult run)
    {
        page.Add($"<form class=\"filters\" id=\"filters\" aria-label=\"Filters\"><fieldset><legend>Show</legend>");
        foreach (var outcome in Enum.GetValues<Outcome>())
        {
            var count = run.Scenarios.Count(s => s.Outcome() == outcome);
            page.Add($"<label class=\"o-{outcome.ToString()}\"><input type=\"checkbox\" name=\"outcome\" value=\"{outcome.ToString()}\" checked> <span class=\"sign\" aria-hidden=\"true\">{outcome.Sign()}</span> {outcome.Label()} <span class=\"quiet\">{count}</span></label>");
        }
        page.Add($"</fieldset><label class=\"search\">Text <input type=\"search\" id=\"text\" autocomplete=\"off\" spellcheck=\"false\" placeholder=\"id, claim, detail\"></label><output id=\"shown\" aria-live=\"polite\">{run.Scenarios.Count} of {run.Scenarios.Count} shown</output></form>\n");
    }

    private static void Row(Markup page, ScenarioResult scenario, int index)
    {
        var outcome = scenario.Outcome();
        page.Add($"""
            <tr class="scenario" id="s{index}" data-outcome="{outcome.ToString()}"><td><button type="button" aria-expanded="false" aria-controls="d{index}"><span class="turn" aria-hidden="true">▸</span><span><span class="claim">{scenario.Claim}</span> <code>{scenario.Id}</code></span></button></td><td><span class="badge o-{outcome.ToString()}"><span class="sign" aria-hidden="true">{outcome.Sign()}</span> {outcome.Label()}</span>{(scenario.DeviationGone ? " (listed deviation is gone)" : "")}</td><td class="num">{Durations.Millis(scenario.DurationMs)}</td></tr>
            <tr class="detail" id="d{index}" hidden><td colspan="3">
            """);
        if (scenario.KnownDeviation is { } known)
            page.Add($"<p>{(scenario.DeviationGone ? "Listed known deviation" : "Known deviation")}: {known}</p>");
        if (!string.IsNullOrEmpty(scenario.Detail))
            page.Add($"<pre>{scenario.Detail:block}</pre>");
        if (scenario.Divergence is { } divergence)
        {
            page.Add($"<p>Diverged at step {divergence.Step + 1}. Allowed would have been:</p><ul class=\"mono\">");
            foreach (var allowed in divergence.Allowed.Take(50))
                page.Add($"<li>{allowed}</li>");
            page.Add($"</ul>");
        }
        if (scenario.Trace.Count == 0)
            page.Add($"<p class=\"quiet\">No trace: nothing was done on the host.</p>");
        else
            page.Add($"<div class=\"trace\" data-trace=\"{index}\"></div>");
        page.Add($"</td></tr>\n");
    }
}
