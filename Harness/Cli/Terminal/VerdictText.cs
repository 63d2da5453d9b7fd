using HvLab.Harness.Lab.Results;

namespace HvLab.Harness.Cli.Terminal;

/// <summary>Verdicts as symbol and word; never by colour alone.</summary>
internal static class VerdictText
{
    public static string Of(ScenarioResult result) => result switch
    {
        { Verdict: Verdict.Failure, KnownDeviation: not null } => "≈ known deviation",
        { Verdict: Verdict.Failure } => "✗ Failure",
        { Verdict: Verdict.Error } => "! Error",
        { Verdict: Verdict.Skip } => "- Skip",
        _ => "✓ Success",
    };

    /// <summary>A colour of Spectre's palette.</summary>
    public static string Colour(ScenarioResult result) => result switch
    {
        { Verdict: Verdict.Failure, KnownDeviation: null } => "red",
        { Verdict: Verdict.Error } => "yellow",
        { Verdict: Verdict.Skip } => "grey",
        { Verdict: Verdict.Failure } => "blue",
        _ => "green",
    };

    public static string Duration(double milliseconds) =>
        milliseconds >= 10_000 ? FormattableString.Invariant($"{milliseconds / 1000:F1} s")
        : FormattableString.Invariant($"{milliseconds:F0} ms");

    /// <summary>One sentence: what diverged, what was unmet, what went wrong.</summary>
    public static string Note(ScenarioResult result)
    {
        if (result.DeviationGone)
            return "its known deviation no longer happens: remove it from lab-config/known-deviations.json";
        if (result.KnownDeviation is { } known && result.Verdict is Verdict.Failure)
            return known;
        if (result.Divergence is { } divergence)
            return $"step {divergence.Step}: {divergence.Operation} saw {divergence.Seen}";
        return result.Detail ?? "";
    }
}
