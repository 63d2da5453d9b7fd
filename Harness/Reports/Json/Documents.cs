using System.Text.Json.Serialization;
using HvLab.Harness.Lab;
using HvLab.Harness.Lab.Results;

namespace HvLab.Harness.Reports.Json;

/// <summary>results.json as it is read; written as <see cref="RunHead"/> plus prepared scenario objects.</summary>
internal sealed record RunDocument
{
    public required string Id { get; init; }
    public required DateTimeOffset Started { get; init; }
    public required DateTimeOffset? Finished { get; init; }
    public required IReadOnlyList<string> Command { get; init; }
    public required int Seed { get; init; }
    public required IReadOnlyList<string> Suites { get; init; }
    public required int Planned { get; init; }
    public string? Trouble { get; init; }
    public string? TroubleEvidence { get; init; }
    public IReadOnlyList<PhaseTime> Phases { get; init; } = [];
    public HostFacts? Host { get; init; }
    /// <summary>Runs of before there were several have none.</summary>
    public IReadOnlyList<HostFacts> Hosts { get; init; } = [];
    public required IReadOnlyList<ScenarioDocument> Scenarios { get; init; }
}

/// <summary>Everything of results.json before its last member, "scenarios".</summary>
internal sealed record RunHead(
    string Id, DateTimeOffset Started, DateTimeOffset? Finished, IReadOnlyList<string> Command, int Seed,
    IReadOnlyList<string> Suites, int Planned, string? Trouble, string? TroubleEvidence, IReadOnlyList<PhaseTime> Phases, HostFacts? Host,
    IReadOnlyList<HostFacts> Hosts);

/// <summary>One object of results.json's "scenarios", and one line of journal.jsonl.</summary>
internal sealed record ScenarioDocument
{
    public required string Id { get; init; }
    public required string Subsystem { get; init; }
    public required string Claim { get; init; }
    public required Verdict Verdict { get; init; }
    public string? KnownDeviation { get; init; }
    public bool DeviationGone { get; init; }
    public required double DurationMs { get; init; }
    public string? Detail { get; init; }
    public Divergence? Divergence { get; init; }
    /// <summary>For a Failure the trace up to and including the divergence, for an Error what came before it; else empty, see <see cref="TraceFile"/>.</summary>
    public IReadOnlyList<TraceStep> Trace { get; init; } = [];
    /// <summary>Relative path of the whole trace.</summary>
    public string? TraceFile { get; init; }
    public HostFacts? Host { get; init; }
}

/// <summary>traces/*.json: a whole trace.</summary>
internal sealed record TraceDocument
{
    public required string Id { get; init; }
    public required IReadOnlyList<TraceStep> Steps { get; init; }
    public RecordedTrace? Recorded { get; init; }
}

/// <summary>The serializers. The default encoder stays: its output has no character that HTML, scripts or terminals obey.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(RunDocument))]
[JsonSerializable(typeof(RunHead))]
[JsonSerializable(typeof(ScenarioDocument))]
[JsonSerializable(typeof(TraceDocument))]
[JsonSerializable(typeof(BenchResult))]
internal sealed partial class ReportJson : JsonSerializerContext;
