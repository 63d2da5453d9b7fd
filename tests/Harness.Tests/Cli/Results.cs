using HvLab.Harness.Lab.Results;

namespace HvLab.Harness.Tests.Cli;

/// <summary>Short ways to say what a run came to.</summary>
internal static class Results
{
    public static ScenarioResult Scenario(Verdict verdict, string? known = null, string id = "kvm-x/a", string? detail = null) => new()
    {
        Id = id, Subsystem = "kvm-x", Claim = "claim", Verdict = verdict, KnownDeviation = known, DurationMs = 12, Detail = detail,
    };

    public static RunResult Run(int? planned, string? trouble, params ScenarioResult[] scenarios) => new()
    {
        Id = "r", Started = DateTimeOffset.UnixEpoch, Command = ["run"], Seed = 1, Suites = ["kvm"],
        Planned = planned ?? scenarios.Length, Scenarios = scenarios, Trouble = trouble,
    };
}
