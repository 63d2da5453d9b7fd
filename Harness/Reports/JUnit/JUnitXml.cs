using System.Globalization;
using System.Text;
using System.Xml;
using HvLab.Harness.Lab.Results;
using HvLab.Harness.Reports.Summary;
using HvLab.Harness.Reports.Terminal;
using HvLab.Harness.Reports.Text;

namespace HvLab.Harness.Reports.JUnit;

/// <summary>
/// junit.xml as Jenkins and GitLab read it: a testsuite a subsystem, a testcase a scenario. Failure is "failure", Error is
/// "error", Skip is "skipped"; a known deviation passes, with its story in system-out. A run that was cut short has an error of its own.
/// </summary>
public static class JUnitXml
{
    /// <summary>The document as UTF-8 text. Characters that XML forbids are shown as <see cref="VisibleText"/> says.</summary>
    public static string Render(RunResult run)
    {
        ArgumentNullException.ThrowIfNull(run);
        var totals = RunTotals.Of(run);
        var incomplete = Incomplete(run, totals);
        using var text = new Utf8Writer();
        using (var xml = XmlWriter.Create(text, new() { Indent = true, CheckCharacters = true, NewLineChars = "\n" }))
        {
            xml.WriteStartElement("testsuites");
            Attribute(xml, "name", $"HvLab {string.Join(' ', run.Suites)}");
            Counts(xml, totals, incomplete is null ? 0 : 1, run.Scenarios.Sum(s => s.DurationMs));
            foreach (var subsystem in run.Scenarios.GroupBy(s => s.Subsystem))
                Suite(xml, run, subsystem.Key, [.. subsystem]);
            if (incomplete is not null)
                RunSuite(xml, run, incomplete);
            xml.WriteEndElement();
        }
        return text.ToString() + "\n";
    }

    private static void Suite(XmlWriter xml, RunResult run, string subsystem, IReadOnlyList<ScenarioResult> scenarios)
    {
        StartSuite(xml, run, subsystem, RunTotals.Of(scenarios, scenarios.Count), 0, scenarios.Sum(s => s.DurationMs));
        xml.WriteStartElement("properties");
        Property(xml, "run", run.Id);
        Property(xml, "seed", run.Seed.ToString(CultureInfo.InvariantCulture));
        foreach (var host in run.Hosts)
            foreach (var (name, value) in HostWords.Facts(host))
                Property(xml, run.Hosts.Count > 1 ? $"{host.Release}: {name}" : name, value);
        xml.WriteEndElement();
        foreach (var scenario in scenarios)
            Case(xml, scenario);
        xml.WriteEndElement();
    }

    private static void Case(XmlWriter xml, ScenarioResult scenario)
    {
        xml.WriteStartElement("testcase");
        Attribute(xml, "classname", scenario.Subsystem);
        Attribute(xml, "name", scenario.Id);
        Attribute(xml, "time", Seconds(scenario.DurationMs));
        var output = $"claim: {scenario.Claim}\n";
        switch (scenario.Outcome())
        {
            case Outcome.Skip:
                Reason(xml, "skipped", null, scenario.Detail ?? "a need is unmet", null);
                break;
            case Outcome.Error:
                Reason(xml, "error", "Lab", FirstLine(scenario.Detail ?? "the lab could not tell"), scenario.Detail);
                break;
            case Outcome.Failure:
                Reason(xml, "failure", scenario.Divergence is null ? "CrashOrHang" : "Divergence", Message(scenario), DivergenceText.Render(scenario));
                break;
            case Outcome.Known:
                output += $"known deviation: {scenario.KnownDeviation}\n\n{DivergenceText.Render(scenario)}";
                break;
            case Outcome.Success when scenario.DeviationGone:
                output += $"a known deviation is listed but no longer happens: {scenario.KnownDeviation}\n";
                break;
        }
        xml.WriteElementString("system-out", VisibleText.Block(output));
        xml.WriteEndElement();
    }

    private static void RunSuite(XmlWriter xml, RunResult run, string incomplete)
    {
        StartSuite(xml, run, "hvlab.run", new(0, 0, 0, 0, 0, 0, 0), 1, 0);
        xml.WriteStartElement("testcase");
        Attribute(xml, "classname", "hvlab.run");
        Attribute(xml, "name", "every planned scenario got a verdict");
        Attribute(xml, "time", Seconds(0));
        Reason(xml, "error", "Lab", FirstLine(incomplete), $"{incomplete}\n{run.TroubleEvidence}");
        xml.WriteEndElement();
        xml.WriteEndElement();
    }

    private static string? Incomplete(RunResult run, RunTotals totals) =>
        run.Trouble
        ?? (run.Finished is null ? "The run has not finished, or was killed."
            : totals.Missing > 0 ? $"{totals.Missing} of {run.Planned} planned scenarios got no verdict." : null);

    private static string Message(ScenarioResult scenario) => scenario.Divergence is { } divergence
        ? $"step {divergence.Step + 1}: {divergence.Operation} → {divergence.Seen}; allowed: {string.Join(" | ", divergence.Allowed)}"
        : FirstLine(scenario.Detail ?? "the hypervisor crashed or hung");

    private static void StartSuite(XmlWriter xml, RunResult run, string name, RunTotals totals, int extraErrors, double millis)
    {
        xml.WriteStartElement("testsuite");
        Attribute(xml, "name", name);
        Counts(xml, totals, extraErrors, millis);
        Attribute(xml, "timestamp", run.Started.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss", CultureInfo.InvariantCulture));
        Attribute(xml, "hostname", run.Host?.Box ?? "unknown");
    }

    private static void Counts(XmlWriter xml, RunTotals totals, int extraErrors, double millis)
    {
        Attribute(xml, "tests", totals.All + extraErrors);
        Attribute(xml, "failures", totals.Failure);
        Attribute(xml, "errors", totals.Error + extraErrors);
        Attribute(xml, "skipped", totals.Skip);
        Attribute(xml, "time", Seconds(millis));
    }

    private static void Reason(XmlWriter xml, string element, string? type, string message, string? text)
    {
        xml.WriteStartElement(element);
        Attribute(xml, "message", message);
        if (type is not null)
            Attribute(xml, "type", type);
        if (text is not null)
            xml.WriteString(VisibleText.Block(text));
        xml.WriteEndElement();
    }

    private static void Property(XmlWriter xml, string name, string value)
    {
        xml.WriteStartElement("property");
        Attribute(xml, "name", name);
        Attribute(xml, "value", value);
        xml.WriteEndElement();
    }

    private static void Attribute(XmlWriter xml, string name, string value) => xml.WriteAttributeString(name, VisibleText.Line(value, 4000));

    private static void Attribute(XmlWriter xml, string name, int value) => xml.WriteAttributeString(name, value.ToString(CultureInfo.InvariantCulture));

    private static string Seconds(double millis) => (millis / 1000).ToString("0.######", CultureInfo.InvariantCulture);

    private static string FirstLine(string text) => text.Split('\n', 2)[0].TrimEnd('\r');

    private sealed class Utf8Writer() : StringWriter(CultureInfo.InvariantCulture)
    {
        public override Encoding Encoding => new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
    }
}
