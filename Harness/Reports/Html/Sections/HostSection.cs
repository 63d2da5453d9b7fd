using HvLab.Harness.Lab.Results;
using HvLab.Harness.Reports.Summary;

namespace HvLab.Harness.Reports.Html.Sections;

/// <summary>The host, and how real it is.</summary>
internal static class HostSection
{
    public static void Add(Markup page, RunResult run)
    {
        page.Add($"<section id=\"host\" aria-labelledby=\"h-host\"><h2 id=\"h-host\">{(run.Hosts.Count > 1 ? "Hosts" : "Host")}</h2>\n");
        if (run.Hosts.Count == 0)
            page.Add($"<p>{HostWords.HowReal(null)}</p>\n");
        foreach (var host in run.Hosts)
        {
            if (run.Hosts.Count > 1)
                page.Add($"<h3>{host.Release}</h3>\n");
            page.Add($"<p>{HostWords.HowReal(host)}</p>\n");
            page.Add($"<dl class=\"facts\">\n");
            foreach (var (name, value) in HostWords.Facts(host))
                page.Add($"<div><dt>{name}</dt><dd>{value}</dd></div>\n");
            page.Add($"</dl>\n");
            List(page, "Capabilities", [.. host.Capabilities]);
            List(page, "Artifacts that booted (SHA-256)", [.. host.Artifacts.Select(a => $"{a.Value}  {a.Key}")]);
        }
        page.Add($"</section>\n");
    }

    private static void List(Markup page, string title, IReadOnlyList<string> entries)
    {
        if (entries.Count == 0)
            return;
        page.Add($"<details><summary>{title}: {entries.Count}</summary><ul class=\"mono\">");
        foreach (var entry in entries)
            page.Add($"<li>{entry}</li>");
        page.Add($"</ul></details>\n");
    }
}
