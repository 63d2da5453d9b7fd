using HvLab.Harness.Lab.Results;

namespace HvLab.Harness.Reports.Summary;

/// <summary>The verdict as a reader sees it: a Failure that lab-config expects is shown apart.</summary>
public enum Outcome { Success, Skip, Error, Failure, Known }

/// <summary>Names and signs of outcomes. The sign tells them apart without colour.</summary>
public static class OutcomeExtensions
{
    public static Outcome Outcome(this ScenarioResult scenario)
    {
        ArgumentNullException.ThrowIfNull(scenario);
        return scenario.Verdict switch
        {
            Verdict.Success => Summary.Outcome.Success,
            Verdict.Skip => Summary.Outcome.Skip,
            Verdict.Error => Summary.Outcome.Error,
            _ => scenario.KnownDeviation is null ? Summary.Outcome.Failure : Summary.Outcome.Known,
        };
    }

    public static string Sign(this Outcome outcome) => outcome switch
    {
        Summary.Outcome.Success => "✓",
        Summary.Outcome.Skip => "–",
        Summary.Outcome.Error => "!",
        Summary.Outcome.Failure => "✗",
        _ => "≈",
    };

    public static string Label(this Outcome outcome) =>
        outcome == Summary.Outcome.Known ? "Known deviation" : outcome.ToString();
}
