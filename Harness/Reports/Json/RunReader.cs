using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using HvLab.Harness.Lab;
using HvLab.Harness.Lab.Results;

namespace HvLab.Harness.Reports.Json;

/// <summary>Reads a run directory: results.json, then the journal lines that came after it was last written.</summary>
internal static class RunReader
{
    public static RunResult Load(string directory)
    {
        ArgumentNullException.ThrowIfNull(directory);
        var results = Path.Combine(directory, RunDirectory.ResultsName);
        if (!File.Exists(results))
            throw new LabException(LabFault.Configuration,
                $"'{directory}' holds no run: it has no {RunDirectory.ResultsName}. Name a directory below runs/, or the one given to --out.");
        var document = Parse(results, Read(results), ReportJson.Default.RunDocument);
        var scenarios = document.Scenarios.Concat(Later(directory, document.Scenarios.Count))
            .Select(s => Read(directory, s))
            .ToList();
        return new()
        {
            Id = document.Id,
            Started = document.Started,
            Finished = document.Finished,
            Command = document.Command,
            Seed = document.Seed,
            Suites = document.Suites,
            Host = document.Host,
            Hosts = document.Hosts,
            Planned = document.Planned,
            Scenarios = scenarios,
            Trouble = document.Trouble,
            TroubleEvidence = document.TroubleEvidence,
            Phases = document.Phases,
        };
    }

    // Line n of the journal is scenario n of the run, so what results.json holds already is simply counted off.
    private static IEnumerable<ScenarioDocument> Later(string directory, int known)
    {
        var path = Path.Combine(directory, RunDirectory.JournalName);
        if (!File.Exists(path))
            yield break;
        ReadOnlyMemory<byte> rest = Read(path);
        for (var number = 1; rest.Length > 0; number++)
        {
            var end = rest.Span.IndexOf((byte)'\n');
            var line = end < 0 ? rest : rest[..end];
            rest = end < 0 ? default : rest[(end + 1)..];
            if (number <= known)
                continue;
            ScenarioDocument? scenario = null;
            try
            {
                scenario = Parse($"{path}, line {number}", line, ReportJson.Default.ScenarioDocument);
            }
            catch (LabException) when (end < 0)
            {
                // The writer was killed in the middle of its last line: that scenario has no verdict.
            }
            if (scenario is not null)
                yield return scenario;
        }
    }

    private static ScenarioResult Read(string directory, ScenarioDocument scenario)
    {
        // Only the name counts: a results.json from elsewhere must not make us read outside its directory.
        if (Path.GetFileName(scenario.TraceFile) is not { Length: > 0 } name)
            return Conversion.ToResult(scenario, scenario.Trace);
        var path = Path.Combine(directory, RunDirectory.TracesName, name);
        if (!File.Exists(path))
            return Conversion.ToResult(scenario, scenario.Trace);
        var trace = Parse(path, Read(path), ReportJson.Default.TraceDocument);
        return Conversion.ToResult(scenario, trace.Steps) with { Recorded = trace.Recorded };
    }

    private static T Parse<T>(string where, ReadOnlyMemory<byte> json, JsonTypeInfo<T> type)
    {
        try
        {
            return JsonSerializer.Deserialize(json.Span, type)
                ?? throw new JsonException("it holds nothing but null");
        }
        catch (JsonException malformed)
        {
            throw new LabException(LabFault.Configuration,
                $"'{where}' is not what HvLab writes: {Text.VisibleText.Line(malformed.Message, 600)} "
                + "It was changed or damaged after the run; run the suite again, or restore the file.", inner: malformed);
        }
    }

    private static byte[] Read(string path)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var bytes = new MemoryStream();
            file.CopyTo(bytes);
            return bytes.ToArray();
        }
        catch (Exception trouble) when (trouble is IOException or UnauthorizedAccessException)
        {
            throw new LabException(LabFault.Configuration, $"'{path}' could not be read ({trouble.Message}).", inner: trouble);
        }
    }
}
