using HvLab.Harness.Lab;
using HvLab.Harness.Lab.Configuration;
using HvLab.Harness.Lab.Results;
using HvLab.Harness.Scenarios;

namespace HvLab.Harness.Scheduling;

/// <summary>Which scenarios a request means, in which order, and what lab-config already says of them.</summary>
public static class Selection
{
    /// <summary>The scenarios of each release of a run; a release that is left with none is left out.</summary>
    /// <exception cref="LabException">Nothing matches on any.</exception>
    public static IReadOnlyList<(RunRequest Leg, IReadOnlyList<IScenario> Scenarios)> ByRelease(RunRequest request)
    {
        var legs = request.ByRelease.Select(leg => (Leg: leg, Scenarios: Matching(leg))).Where(leg => leg.Scenarios.Count > 0).ToList();
        return legs.Count > 0 ? legs : throw Nothing(request);
    }

    /// <summary>Whether the request means any scenario at all.</summary>
    public static bool HasAny(RunRequest request) => Matching(request).Count > 0;

    /// <summary>Each scenario once, in an order that the seed decides: nothing may hang on what ran before.</summary>
    /// <exception cref="LabException">Nothing matches.</exception>
    public static IReadOnlyList<IScenario> Choose(RunRequest request) =>
        Matching(request) is { Count: > 0 } chosen ? chosen : throw Nothing(request);

    private static LabException Nothing(RunRequest request) => new(LabFault.Configuration,
        $"No scenario of {string.Join(", ", request.ByRelease.SelectMany(leg => leg.Suites).Select(suite => suite.Name))}"
        + (request.Filter is null ? " exists" : $" matches '{request.Filter}'") + "; './hvlab list' shows them all.");

    private static IReadOnlyList<IScenario> Matching(RunRequest request)
    {
        if (request.Own.Count > 0)
            return request.Own;
        var chosen = Catalog.All
            .Where(scenario => request.Suites.Any(suite => suite.Scenarios.Any(pattern => NamePattern.Matches(pattern, scenario.Id))))
            .Where(scenario => request.Filter is null || NamePattern.Matches(request.Filter, scenario.Id))
            .ToArray();
        new Random(request.Seed).Shuffle(chosen);
        return [.. chosen.OrderBy(scenario => scenario.RunsAlone)];
    }

    /// <summary>Marks an expected Failure, or an expectation that was not met.</summary>
    public static ScenarioResult WithDeviation(ScenarioResult result, RunRequest request) =>
        WithDeviation(result, request.Release.Name, request.Lab.KnownDeviations);

    internal static ScenarioResult WithDeviation(ScenarioResult result, string release, IReadOnlyList<KnownDeviation> deviations)
    {
        var known = deviations.FirstOrDefault(deviation =>
            deviation.Releases.Contains(release) && NamePattern.Matches(deviation.Scenario, result.Id));
        return known is null ? result : result.Verdict switch
        {
            // A crash or a hang is nobody's known divergence, and a scenario that goes wrong elsewhere has found something new.
            Verdict.Failure when result.Divergence is { } divergence => NamePattern.Matches(known.Divergence, $"{divergence.Operation} saw {divergence.Seen}")
                ? result with { KnownDeviation = $"{known.Reason} ({known.Reference})" }
                : result with { Detail = $"Not the divergence that lab-config knows of this scenario, which is: {known.Divergence}." },
            Verdict.Success => result with { DeviationGone = true },
            _ => result,
        };
    }
}
