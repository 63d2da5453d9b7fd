namespace HvLab.Harness.Lab.Results;

/// <summary>A whole run, as results.json keeps it. Rewritten atomically while the run goes on.</summary>
public sealed record RunResult
{
    /// <summary>Directory name under runs/, sortable by time.</summary>
    public required string Id { get; init; }
    public required DateTimeOffset Started { get; init; }
    /// <summary>Null while the run goes on (or was killed).</summary>
    public DateTimeOffset? Finished { get; init; }
    /// <summary>The command line that repeats this run.</summary>
    public required IReadOnlyList<string> Command { get; init; }
    public required int Seed { get; init; }
    public required IReadOnlyList<string> Suites { get; init; }
    /// <summary>The host that answered last; null until one did.</summary>
    public HostFacts? Host { get; init; }
    /// <summary>Every host that answered, one a release, in the order in which they ran.</summary>
    public IReadOnlyList<HostFacts> Hosts { get => field.Count == 0 && Host is { } only ? [only] : field; init; } = [];
    /// <summary>How many scenarios were planned; fewer results than that means the run is not complete.</summary>
    public required int Planned { get; init; }
    public required IReadOnlyList<ScenarioResult> Scenarios { get; init; }
    /// <summary>Trouble of the lab that ended the run early; null for none.</summary>
    public string? Trouble { get; init; }
    public string? TroubleEvidence { get; init; }
    /// <summary>Named times of the run in milliseconds, in order: where the time went.</summary>
    public IReadOnlyList<PhaseTime> Phases { get; init; } = [];
}

public sealed record PhaseTime(string Phase, double AtMs, double TookMs);
