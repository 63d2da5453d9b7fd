using HvLab.Harness.Lab;
using HvLab.Harness.Lab.Configuration;
using HvLab.Harness.Scenarios;

namespace HvLab.Harness.Scheduling;

/// <summary>One run as it was asked for, every name resolved and every path absolute and checked.</summary>
public sealed record RunRequest
{
    public required HvLabPaths Paths { get; init; }
    public required LabConfig Lab { get; init; }
    /// <summary>Its bounds are the run's.</summary>
    public required BoxResource Box { get; init; }
    /// <summary>With --kernel and --modules already in it.</summary>
    public required Release Release { get; init; }
    /// <summary>At least one, in the order given, none twice.</summary>
    public required IReadOnlyList<Suite> Suites { get; init; }
    /// <summary>
    /// Where the suites want different releases or boxes: one leg each, the first being <see cref="Box"/>, <see cref="Release"/> and
    /// <see cref="Suites"/>. Empty for one of each, so that who changes that changes the run.
    /// </summary>
    public IReadOnlyList<RunLeg> Legs { get; init; } = [];
    /// <summary>Scenarios that are in no catalogue, from a scenario file; they run instead of the suites' own.</summary>
    public IReadOnlyList<IScenario> Own { get; init; } = [];
    /// <summary>Scenario-id pattern that narrows the suites; null for all of them.</summary>
    public string? Filter { get; init; }
    public required int Seed { get; init; }
    /// <summary>The run directory, absolute; null for a new one under <see cref="RunsDirectory"/>.</summary>
    public string? Out { get; init; }
    /// <summary>How often the whole selection runs in one box; the worst answer of each scenario counts.</summary>
    public int Repeat { get; init; } = 1;
    /// <summary>End after the first unexpected Failure: 'git bisect run' needs no more.</summary>
    public bool FailFast { get; init; }
    /// <summary>Timestamp (of the run's clock) of the command's start.</summary>
    public long Started { get; init; }
    /// <summary>Leave the box up when the run ends.</summary>
    public bool Keep { get; init; }
    /// <summary>The arguments after 'hvlab' that repeat this run.</summary>
    public required IReadOnlyList<string> Command { get; init; }

    /// <summary>The run as one request a release, in order; only the last may leave its box up.</summary>
    public IReadOnlyList<RunRequest> ByRelease => Legs.Count == 0 ? [this]
        : [.. Legs.Select((leg, index) => this with { Box = leg.Box, Release = leg.Release, Suites = leg.Suites, Legs = [], Keep = Keep && index == Legs.Count - 1 })];

    public string RunsDirectory => Path.Combine(Paths.Repository, "runs");
}

/// <summary>Suites that run on one release, in one box.</summary>
public sealed record RunLeg(BoxResource Box, Release Release, IReadOnlyList<Suite> Suites);
