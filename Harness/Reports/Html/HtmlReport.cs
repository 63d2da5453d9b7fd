using HvLab.Harness.Lab.Results;
using HvLab.Harness.Reports.Html.Sections;
using HvLab.Harness.Reports.Summary;
using HvLab.Harness.Reports.Text;

namespace HvLab.Harness.Reports.Html;

/// <summary>
/// report.html: one self-contained page. It loads nothing, and its policy allows exactly its own style sheet and script (by
/// hash), so that injected markup could neither run nor restyle anything even if it got past the escaping.
/// </summary>
public static class HtmlReport
{
    /// <summary>The page as UTF-8 text. The same run gives the same page.</summary>
    public static string Render(RunResult run)
    {
        ArgumentNullException.ThrowIfNull(run);
        var style = Asset.Read("report.css") + Asset.Read("swimlane.css") + PhaseBar.Style(run);
        var script = Asset.Read("report.js");
        var sentence = RunSentence.Of(run);
        var page = new Markup();
        page.Add($"<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
        page.Add($"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; base-uri 'none'; form-action 'none'; ")
            .AddTrusted($"style-src {Asset.CspHash(style)}; script-src {Asset.CspHash(script)}\">\n");
        page.Add($"""
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <meta name="referrer" content="no-referrer">
            <link rel="icon" href="data:,">
            <title>{sentence.Worst.Sign()} HvLab {Suites(run)}: {sentence.Text}</title>
            <style>
            """).AddTrusted(style).Add($"</style>\n</head>\n<body>\n");
        Header(page, run, sentence);
        page.Add($"<main>\n");
        HostSection.Add(page, run);
        TotalsSection.Add(page, run);
        PhaseBar.Add(page, run);
        FindingsSection.Add(page, run);
        ScenarioTable.Add(page, run);
        page.Add($"</main>\n<footer><p>Run <code>{run.Id}</code>, seed {run.Seed}. Repeat it with:</p><pre class=\"wrap\">{string.Join(' ', run.Command.Select(Quoted))}</pre></footer>\n");
        TraceData.Add(page, run);
        page.Add($"<script>").AddTrusted(script).Add($"</script>\n</body>\n</html>\n");
        return page.ToString();
    }

    private static void Header(Markup page, RunResult run, RunSentence sentence)
    {
        page.Add($"""
            <a class="skip" href="#scenarios">Skip to the scenarios</a>
            <header>
            <p class="brand">HvLab</p>
            <h1>{Suites(run)}{(run.Hosts.Count > 0 ? $" on {string.Join(", ", run.Hosts.Select(host => host.Release))}" : "")}</h1>
            <p class="verdict o-{sentence.Worst.ToString()}"><span class="sign" aria-hidden="true">{sentence.Worst.Sign()}</span> <span>{sentence.Text}</span></p>
            <p class="quiet">{run.Started.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", System.Globalization.CultureInfo.InvariantCulture)} UTC, {Took(run)}</p>
            """);
        if (run.Hosts.Any(host => host.LabPatched))
            page.Add($"<p class=\"banner\" role=\"note\"><span aria-hidden=\"true\">⚒</span> <strong>Lab-patched.</strong> The hypervisor under test{Patched(run)} was changed by the lab: this is no verdict on a release.</p>\n");
        if (run.Trouble is not null)
        {
            page.Add($"<section class=\"banner\" aria-label=\"Trouble of the lab\"><p><strong>Trouble of the lab.</strong> {run.Trouble}</p>");
            if (!string.IsNullOrEmpty(run.TroubleEvidence))
                page.Add($"<pre>{run.TroubleEvidence:block}</pre>");
            page.Add($"</section>\n");
        }
        page.Add($"</header>\n");
    }

    /// <summary>Which, where there were others.</summary>
    private static string Patched(RunResult run) =>
        run.Hosts.Count > 1 ? $" ({string.Join(", ", run.Hosts.Where(host => host.LabPatched).Select(host => host.Release))})" : "";

    private static string Suites(RunResult run) => run.Suites.Count == 0 ? "no suite" : string.Join(", ", run.Suites);

    private static string Took(RunResult run) => run.Finished is { } finished
        ? $"took {Durations.Millis((finished - run.Started).TotalMilliseconds)}"
        : "not finished";

    private static string Quoted(string argument) =>
        argument.Length > 0 && argument.All(c => char.IsAsciiLetterOrDigit(c) || "-_./=:,+@".Contains(c))
            ? argument
            : $"'{argument.Replace("'", @"'\''", StringComparison.Ordinal)}'";
}
