using System.Globalization;
using System.Text;
using HvLab.Harness.Lab.Results;
using HvLab.Harness.Reports.Summary;
using HvLab.Harness.Reports.Text;

namespace HvLab.Harness.Reports.Terminal;

/// <summary>Why a scenario failed, as plain text for terminals and CI logs. Guest text is never emitted raw.</summary>
public static class DivergenceText
{
    private const int StepsShown = 16;

    /// <summary>
    /// Lines ending in \n: head, claim, the last steps with the diverging one marked ✗, what was allowed, and the rules.
    /// Without a divergence (a crash or a hang) the last steps and the evidence.
    /// </summary>
    /// <param name="steps">How many steps to show, the last ones.</param>
    public static string Render(ScenarioResult scenario, int steps = StepsShown)
    {
        ArgumentNullException.ThrowIfNull(scenario);
        var text = new StringBuilder();
        Line(text, $"{scenario.Outcome().Sign()} {VisibleText.Line(scenario.Id)}: {scenario.Outcome().Label()}");
        Line(text, $"  claim: {VisibleText.Line(scenario.Claim)}");
        if (scenario.KnownDeviation is { } known)
            Line(text, $"  known deviation: {VisibleText.Line(known)}");
        Steps(text, scenario, steps);
        if (scenario.Divergence is { } divergence)
            Divergence(text, scenario, divergence);
        if (scenario.Detail is { } detail)
            foreach (var line in VisibleText.Block(detail, 8 * 1024).Split('\n'))
                Line(text, $"  | {line}");
        return text.ToString();
    }

    private static void Steps(StringBuilder text, ScenarioResult scenario, int steps)
    {
        var last = Math.Min(scenario.Divergence?.Step ?? int.MaxValue, scenario.Trace.Count - 1);
        var first = Math.Max(0, last + 1 - steps);
        if (first > 0)
            Line(text, $"       … {first} earlier steps, see the trace file");
        for (var i = first; i <= last; i++)
        {
            var step = scenario.Trace[i];
            var mark = i == scenario.Divergence?.Step ? "✗" : " ";
            Line(text, $"  {mark} {i + 1,3}. {Durations.Micros(step.AtMicros),8}  {step.Actor,-10}  {VisibleText.Line(step.Operation, 300)}"
                + (step.Seen.Length == 0 ? "" : $" → {VisibleText.Line(step.Seen, 300)}"));
        }
    }

    private static void Divergence(StringBuilder text, ScenarioResult scenario, Divergence divergence)
    {
        if (divergence.Step >= scenario.Trace.Count)
            Line(text, $"  ✗ {divergence.Step + 1,3}. {VisibleText.Line(divergence.Operation, 300)} → {VisibleText.Line(divergence.Seen, 300)}");
        Line(text, "       no model state explains this");
        if (divergence.Allowed.Count == 0)
            Line(text, "       allowed: nothing (the model allows no observation here)");
        for (var i = 0; i < divergence.Allowed.Count; i++)
            Line(text, $"       {(i == 0 ? "allowed:" : "     or:")} {VisibleText.Line(divergence.Allowed[i], 500)}");
        foreach (var rule in divergence.Rules)
            Line(text, $"       rule:    {VisibleText.Line(rule, 1000)}");
    }

    private static void Line(StringBuilder text, string line) => text.Append(CultureInfo.InvariantCulture, $"{line}\n");
}
