using HvLab.Harness.Lab;
using HvLab.Harness.Lab.Results;

namespace HvLab.Harness.Scheduling;

/// <summary>A finished run and where it lies.</summary>
/// <param name="Directory">The run directory, absolute.</param>
public sealed record RunOutcome(RunResult Result, string Directory);

/// <summary>Runs suites on a box.</summary>
public sealed class SuiteRun
{
    public Task<RunOutcome> RunAsync(RunRequest request, IRunObserver observer, CancellationToken cancellation) =>
        throw new LabException(LabFault.Power, "The scheduler is not part of this build yet.");
}
