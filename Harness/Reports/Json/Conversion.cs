using System.Text.Json;
using HvLab.Harness.Lab;
using HvLab.Harness.Lab.Results;

namespace HvLab.Harness.Reports.Json;

/// <summary>Between the lab's records and the documents of results.json.</summary>
internal static class Conversion
{
    public static ScenarioDocument ToDocument(ScenarioResult scenario, string? traceFile, HostFacts? host) => new()
    {
        Id = scenario.Id,
        Subsystem = scenario.Subsystem,
        Claim = scenario.Claim,
        Verdict = scenario.Verdict,
        KnownDeviation = scenario.KnownDeviation,
        DeviationGone = scenario.DeviationGone,
        DurationMs = scenario.DurationMs,
        Detail = scenario.Detail,
        Divergence = scenario.Divergence,
        Trace = scenario.Verdict is Verdict.Failure or Verdict.Error ? UpToDivergence(scenario) : [],
        TraceFile = traceFile,
        Host = host,
    };

    public static ScenarioResult ToResult(ScenarioDocument document, IReadOnlyList<TraceStep> trace) => new()
    {
        Id = document.Id,
        Subsystem = document.Subsystem,
        Claim = document.Claim,
        Verdict = document.Verdict,
        KnownDeviation = document.KnownDeviation,
        DeviationGone = document.DeviationGone,
        DurationMs = document.DurationMs,
        Detail = document.Detail,
        Divergence = document.Divergence,
        Trace = trace,
    };

    /// <summary>The bytes of results.json: the head, then the prepared scenario objects one a line.</summary>
    public static byte[] ToResultsJson(RunResult run, IReadOnlyList<byte[]> scenarios)
    {
        var head = JsonSerializer.SerializeToUtf8Bytes(
            new RunHead(run.Id, run.Started, run.Finished, run.Command, run.Seed, run.Suites, run.Planned,
                run.Trouble, run.TroubleEvidence, run.Phases, run.Host, run.Hosts),
            ReportJson.Default.RunHead);
        using var bytes = new MemoryStream(head.Length + scenarios.Sum(s => s.Length + 2) + 32);
        bytes.Write(head.AsSpan(0, head.Length - 1));
        bytes.Write(",\"scenarios\":["u8);
        for (var i = 0; i < scenarios.Count; i++)
        {
            bytes.Write(i == 0 ? "\n"u8 : ",\n"u8);
            bytes.Write(scenarios[i]);
        }
        bytes.Write("\n]}\n"u8);
        return bytes.ToArray();
    }

    /// <summary>The bytes that --json prints: the same document as results.json.</summary>
    public static byte[] ToResultsJson(RunResult run) => ToResultsJson(run,
        [.. run.Scenarios.Select(s => JsonSerializer.SerializeToUtf8Bytes(ToDocument(s, null, run.Host), ReportJson.Default.ScenarioDocument))]);

    private static IReadOnlyList<TraceStep> UpToDivergence(ScenarioResult scenario) =>
        scenario.Divergence is { } divergence && divergence.Step + 1 < scenario.Trace.Count
            ? [.. scenario.Trace.Take(divergence.Step + 1)]
            : scenario.Trace;
}
