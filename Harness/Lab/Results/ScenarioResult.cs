using System.Text.Json;

namespace HvLab.Harness.Lab.Results;

/// <summary>XTF's four, never confused.</summary>
public enum Verdict
{
    /// <summary>Some run of the model explains everything that was seen.</summary>
    Success,
    /// <summary>A need is unmet; <see cref="ScenarioResult.Detail"/> names it.</summary>
    Skip,
    /// <summary>The lab's fault: nothing is known about the hypervisor.</summary>
    Error,
    /// <summary>The hypervisor diverged, crashed or hung.</summary>
    Failure,
}

/// <summary>One scenario of one run, as results.json keeps it.</summary>
public sealed record ScenarioResult
{
    /// <summary>Stable id, for instance "kvm-async-pf/ready-follows-not-present".</summary>
    public required string Id { get; init; }
    public required string Subsystem { get; init; }
    public required string Claim { get; init; }
    public required Verdict Verdict { get; init; }
    /// <summary>Reason and reference of the matching entry in lab-config; null where none matches.</summary>
    public string? KnownDeviation { get; init; }
    /// <summary>True where a known deviation was listed but the scenario succeeded: the entry can go.</summary>
    public bool DeviationGone { get; init; }
    public required double DurationMs { get; init; }
    /// <summary>Skip: the unmet need. Error: what went wrong. Failure by crash or hang: the evidence.</summary>
    public string? Detail { get; init; }
    public Divergence? Divergence { get; init; }
    /// <summary>Everything that was done and seen, in order; for a Failure the trace up to and including the divergence.</summary>
    public IReadOnlyList<TraceStep> Trace { get; init; } = [];
    /// <summary>The same as it went over the wire, whole; null where nothing was recorded.</summary>
    public RecordedTrace? Recorded { get; init; }
}

/// <summary>A plan and what came back, in the probe's own JSON: enough to judge it again without a box.</summary>
public sealed record RecordedTrace(JsonElement Plan, IReadOnlyList<RecordedEvent> Events);

/// <summary>One observation; its index is its step. <paramref name="Seen"/> is untrusted.</summary>
public sealed record RecordedEvent(long AtMicros, long TookMicros, JsonElement Seen);

/// <summary>The first observation that no model state explains.</summary>
public sealed record Divergence
{
    /// <summary>Zero-based index into the trace.</summary>
    public required int Step { get; init; }
    public required string Operation { get; init; }
    public required string Seen { get; init; }
    /// <summary>What the model would have allowed instead, one entry an observation.</summary>
    public required IReadOnlyList<string> Allowed { get; init; }
    /// <summary>The rule (quoted sentence and source) that the allowed answers come from; may be empty.</summary>
    public IReadOnlyList<string> Rules { get; init; } = [];
}

/// <summary>A column of the swimlane drawing.</summary>
public enum Lane { Guest, Hypervisor, Pager }

/// <summary>One operation with what was seen. All text may carry guest-controlled characters: escape it.</summary>
public sealed record TraceStep
{
    /// <summary>Microseconds since the scenario began.</summary>
    public required long AtMicros { get; init; }
    public required long TookMicros { get; init; }
    /// <summary>Who acts.</summary>
    public required Lane Actor { get; init; }
    /// <summary>Which vCPU acts or is concerned; null for none.</summary>
    public int? Vcpu { get; init; }
    public required string Operation { get; init; }
    /// <summary>Who the observation comes from.</summary>
    public required Lane Witness { get; init; }
    public required string Seen { get; init; }
}
