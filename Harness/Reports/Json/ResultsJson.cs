using HvLab.Harness.Lab.Results;

namespace HvLab.Harness.Reports.Json;

/// <summary>results.json as bytes, for --json.</summary>
public static class ResultsJson
{
    /// <summary>UTF-8; the document that results.json holds, except that no trace file is named.</summary>
    public static byte[] Of(RunResult run) => Conversion.ToResultsJson(run);
}
