using System.Text.Json;
using HvLab.Harness.Lab.Results;
using HvLab.Harness.Reports.Text;

namespace HvLab.Harness.Reports.Html.Sections;

/// <summary>
/// The traces as JSON in a data block. The serializer's default encoder writes no '&lt;', '&gt;' or '&amp;', so that nothing
/// in it can end the block; the script puts text into the page by textContent only.
/// </summary>
internal static class TraceData
{
    private const int StepsOfOne = 400;
    private const int StepsOfAll = 60_000;
    private const int StepsPastBudget = 12;

    public static void Add(Markup page, RunResult run)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes))
        {
            var budget = StepsOfAll;
            json.WriteStartObject();
            for (var i = 0; i < run.Scenarios.Count; i++)
            {
                var scenario = run.Scenarios[i];
                if (scenario.Trace.Count == 0)
                    continue;
                var keep = scenario.Verdict == Verdict.Failure || budget > 0 ? StepsOfOne : StepsPastBudget;
                json.WritePropertyName(i.ToString(System.Globalization.CultureInfo.InvariantCulture));
                budget -= Write(json, scenario, keep);
            }
            json.WriteEndObject();
        }
        page.Add($"<script type=\"application/json\" id=\"traces\">")
            .AddTrusted(System.Text.Encoding.UTF8.GetString(bytes.ToArray()))
            .Add($"</script>\n");
    }

    // {"diverges":index or -1,"steps":[[index,atMicros,tookMicros,actor,operation,witness,seen],…]}: a jump of the index is a gap.
    private static int Write(Utf8JsonWriter json, ScenarioResult scenario, int keep)
    {
        var head = Math.Min(keep / 2, scenario.Trace.Count);
        var tail = Math.Max(head, scenario.Trace.Count - (keep - head));
        json.WriteStartObject();
        json.WriteNumber("diverges", scenario.Divergence?.Step ?? -1);
        json.WriteNumber("count", scenario.Trace.Count);
        json.WriteStartArray("steps");
        for (var i = 0; i < scenario.Trace.Count; i = i + 1 == head ? tail : i + 1)
        {
            var step = scenario.Trace[i];
            json.WriteStartArray();
            json.WriteNumberValue(i);
            json.WriteNumberValue(step.AtMicros);
            json.WriteNumberValue(step.TookMicros);
            json.WriteStringValue(Who(step.Actor, step.Vcpu));
            json.WriteStringValue(VisibleText.Line(step.Operation, 500));
            json.WriteStringValue(Who(step.Witness, step.Vcpu));
            json.WriteStringValue(VisibleText.Line(step.Seen, 500));
            json.WriteEndArray();
        }
        json.WriteEndArray();
        json.WriteEndObject();
        return head + scenario.Trace.Count - tail;
    }

    private static string Who(Lane lane, int? vcpu) => lane == Lane.Guest && vcpu is { } number
        ? string.Create(System.Globalization.CultureInfo.InvariantCulture, $"Guest vCPU {number}")
        : lane.ToString();
}
