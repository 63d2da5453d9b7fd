using HvLab.Harness.Drivers.Console;
using HvLab.Harness.Lab.Results;

namespace HvLab.Harness.Scheduling;

/// <summary>What follows an answered scenario.</summary>
internal enum NextStep
{
    /// <summary>The same probe goes on with the next scenario.</summary>
    GoOn,
    /// <summary>The host is no longer to be trusted: the next scenario gets one that has just booted.</summary>
    PowerCycle,
    /// <summary>Nobody wants to know more.</summary>
    EndRun,
}

internal static class NextSteps
{
    /// <param name="result">With its known deviation, where it has one.</param>
    /// <param name="console">The worst that the console showed meanwhile; null for nothing.</param>
    /// <param name="probeLost">The probe, or the way to it, ended before its time.</param>
    public static NextStep After(ScenarioResult result, ConsoleSeverity? console, bool probeLost, bool failFast) =>
        failFast && IsUnexpected(result) ? NextStep.EndRun
        // A warning is a Failure of its scenario, but the kernel that printed it goes on as before.
        : probeLost || console >= ConsoleSeverity.Crash ? NextStep.PowerCycle
        : NextStep.GoOn;

    /// <summary>The hypervisor did what it must not, and lab-config does not say so already.</summary>
    public static bool IsUnexpected(ScenarioResult result) => result is { Verdict: Verdict.Failure, KnownDeviation: null };
}
