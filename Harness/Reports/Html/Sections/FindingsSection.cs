using System.Globalization;
using HvLab.Harness.Lab.Results;
using HvLab.Harness.Reports.Html.Drawing;
using HvLab.Harness.Reports.Summary;

namespace HvLab.Harness.Reports.Html.Sections;

/// <summary>One article a Failure or known deviation: the drawing, what was allowed, and the rules.</summary>
internal static class FindingsSection
{
    // Past this many a page would stall, and nobody reads drawing 61; the table still holds every trace.
    private const int MaxDrawings = 60;

    public static void Add(Markup page, RunResult run)
    {
        var findings = run.Scenarios
            .Select((Scenario, Index) => (Scenario, Index))
            .Where(f => f.Scenario.Verdict == Verdict.Failure)
            .OrderBy(f => f.Scenario.Outcome() == Outcome.Known)
            .ToList();
        if (findings.Count == 0)
            return;
        page.Add($"<section id=\"findings\" aria-labelledby=\"h-findings\"><h2 id=\"h-findings\">What no model state explains</h2>\n");
        foreach (var (scenario, index) in findings.Take(MaxDrawings))
            Finding(page, scenario, index);
        if (findings.Count > MaxDrawings)
            page.Add($"<p class=\"quiet\">{findings.Count - MaxDrawings} more are not drawn; the table below holds their traces.</p>\n");
        page.Add($"</section>\n");
    }

    private static void Finding(Markup page, ScenarioResult scenario, int index)
    {
        var outcome = scenario.Outcome();
        page.Add($"""
            <article class="finding o-{outcome.ToString()}" id="f{index}" aria-labelledby="f{index}-t">
            <h3 id="f{index}-t"><span class="badge o-{outcome.ToString()}"><span class="sign" aria-hidden="true">{outcome.Sign()}</span> {outcome.Label()}</span> <code>{scenario.Id}</code></h3>
            <p class="claim">Claim: {scenario.Claim}</p>

            """);
        if (scenario.KnownDeviation is { } known)
            page.Add($"<p><strong>Known deviation, expected here:</strong> {known}</p>\n");
        if (scenario.Divergence is { } divergence)
            Explain(page, divergence);
        if (!string.IsNullOrEmpty(scenario.Detail))
            page.Add($"<pre>{scenario.Detail:block}</pre>\n");
        if (scenario.Trace.Count > 0)
        {
            page.Add($"<div class=\"drawing\" tabindex=\"0\" role=\"group\" aria-label=\"Drawing of the trace, scrolls sideways\">")
                .AddTrusted(SwimlaneSvg.Render(scenario, new() { Title = Title(scenario) }))
                .Add($"</div>\n");
        }
        if (scenario.Divergence is { Rules.Count: > 0 } ruled)
        {
            page.Add($"<h4>The rules behind it</h4>\n");
            foreach (var rule in ruled.Rules)
                page.Add($"<blockquote>{rule}</blockquote>\n");
        }
        page.Add($"<p class=\"screen-only\"><a class=\"to-row\" href=\"#s{index}\">Whole trace in the table</a></p>\n</article>\n");
    }

    // The list repeats what the drawing says, for screen readers and for phones, where the drawing scrolls.
    private static void Explain(Markup page, Divergence divergence)
    {
        page.Add($"<p>Step {divergence.Step + 1}: <q class=\"mono\">{divergence.Operation}</q> was answered by <q class=\"mono\">{divergence.Seen}</q>, which no state of the model explains.</p>\n<div class=\"beside-drawing\"><p>Allowed would have been:</p><ul class=\"mono\">");
        foreach (var allowed in divergence.Allowed.Take(20))
            page.Add($"<li>{allowed}</li>");
        if (divergence.Allowed.Count == 0)
            page.Add($"<li>nothing: the model allows no observation here</li>");
        page.Add($"</ul></div>\n");
    }

    private static string Title(ScenarioResult scenario) => string.Create(CultureInfo.InvariantCulture,
        $"Trace of {scenario.Trace.Count} steps{(scenario.Divergence is { } divergence ? $"; step {divergence.Step + 1} is the one that no model state explains" : "")}");
}
