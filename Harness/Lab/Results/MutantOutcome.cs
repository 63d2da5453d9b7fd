using System.Text.Json;
using System.Text.Json.Serialization;

namespace HvLab.Harness.Lab.Results;

/// <summary>What the suite made of one mutant: a row of the table that proves the harness finds bugs.</summary>
public sealed record MutantOutcome
{
    public const string ControlName = "control";

    [JsonIgnore]
    public bool IsControl => Mutant == ControlName;
    /// <summary>The mutant's name; "control" for KVM rebuilt without a change, which must not be found.</summary>
    public required string Mutant { get; init; }
    /// <summary>True where a scenario failed; null where the lab could not tell, and <see cref="Note"/> says why.</summary>
    public required bool? Found { get; init; }
    /// <summary>Id of the first scenario that failed; null for none.</summary>
    public string? ByScenario { get; init; }
    /// <summary>From the start of the run on the built modules to that failure, milliseconds; null for none.</summary>
    public double? AfterMs { get; init; }
    /// <summary>From the probe's first word on the host to that failure, milliseconds: without image and boot; null for none.</summary>
    public double? InBoxMs { get; init; }
    /// <summary>Time to have the modules, milliseconds: near zero when they were in the cache.</summary>
    public required double BuildMs { get; init; }
    /// <summary>The first divergence in one line, or the lab's trouble. Untrusted text: escape it.</summary>
    public string? Note { get; init; }
}

/// <summary>The whole table. Its JSON is {"mutants":[{"mutant","found","byScenario","afterMs","inBoxMs","buildMs","note"}]}.</summary>
public sealed record MutantOutcomes(IReadOnlyList<MutantOutcome> Mutants)
{
    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    public string ToJson() => JsonSerializer.Serialize(this, Options);

    /// <exception cref="JsonException">The text is no table of outcomes.</exception>
    public static MutantOutcomes FromJson(string json) =>
        JsonSerializer.Deserialize<MutantOutcomes>(json, Options) ?? throw new JsonException("A table of mutants is expected.");
}
