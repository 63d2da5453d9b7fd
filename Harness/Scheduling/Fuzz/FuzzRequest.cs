using HvLab.Harness.Scenarios.Fuzz;

namespace HvLab.Harness.Scheduling.Fuzz;

/// <summary>One campaign as it was asked for.</summary>
public sealed record FuzzRequest
{
    /// <summary>Names box and release; its suites name the subsystem.</summary>
    public required RunRequest Run { get; init; }
    public required IFuzzTarget Target { get; init; }
    public required ulong Seed { get; init; }
    /// <summary>Inside the box; booting does not count.</summary>
    public required TimeSpan For { get; init; }
    public required int MaxPlans { get; init; }
    public required int Operations { get; init; }

    /// <summary>Deviations that lab-config knows of the release, as the subject's model calls them.</summary>
    public IReadOnlyList<string> KnownQuirks => [.. Target.Quirks
        .Where(quirk => Run.Lab.KnownDeviations.Any(known => known.Scenario == quirk.Scenario && known.Releases.Contains(Run.Release.Name)))
        .Select(quirk => quirk.Name)];
}
