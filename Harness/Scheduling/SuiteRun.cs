using HvLab.Harness.Lab;
using HvLab.Harness.Lab.Results;
using HvLab.Harness.Provisioning.Boxes;
using HvLab.Harness.Provisioning.Cache;
using HvLab.Harness.Reports;
using HvLab.Harness.Reports.Json;
using HvLab.Harness.Scenarios;

namespace HvLab.Harness.Scheduling;

/// <summary>A finished run and where it lies.</summary>
/// <param name="Directory">The run directory, absolute.</param>
public sealed record RunOutcome(RunResult Result, string Directory);

/// <summary>Runs suites on a box: from nothing to a report. Whatever goes wrong, the run directory tells it.</summary>
public sealed class SuiteRun(TimeProvider clock)
{
    public async Task<RunOutcome> RunAsync(RunRequest request, IRunObserver observer, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(observer);
        var legs = Selection.ByRelease(request);
        using var directory = RunDirectory.Create(
            new(request.Command, request.Seed, [.. request.ByRelease.SelectMany(leg => leg.Suites).Select(suite => suite.Name)], legs.Sum(leg => leg.Scenarios.Count)),
            request.RunsDirectory, clock, request.Out);
        var phases = new Phases(directory, observer, clock, request.Started);
        try
        {
            foreach (var (leg, scenarios) in legs)
            {
                await RunLegAsync(leg, scenarios, directory, phases, observer, cancellation);
                if (request.FailFast && directory.Current.Scenarios.Any(NextSteps.IsUnexpected))
                    break;
            }
        }
        catch (LabException)
        {
            // Found late (a kernel or a module that is none), and still the user's to correct: exit code 2.
            Quietly(() => RunReports.Write(directory.Path, directory.Finish()));
            throw;
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            Quietly(() => directory.TroubleIs("The run was interrupted.", null));
        }
        catch (Exception fault)
        {
            Quietly(() => directory.TroubleIs($"HvLab itself failed: {fault.GetType().Name}: {fault.Message}", fault.StackTrace));
            Quietly(() => RunReports.Write(directory.Path, directory.Finish()));
            throw;
        }
        try
        {
            phases.Begin("report");
            RunReports.Write(directory.Path, directory.Current with { Finished = clock.GetUtcNow() });
            phases.End();
            return new(directory.Finish(), directory.Path);
        }
        catch (LabException unwritten)
        {
            // The verdicts are known, so they count; the files stay as they were last written.
            var known = directory.Current;
            return new(known with { Trouble = known.Trouble ?? unwritten.Message, TroubleEvidence = known.TroubleEvidence }, directory.Path);
        }
    }

    /// <summary>One release in one box. Its trouble ends this leg; the next has a box of its own.</summary>
    /// <exception cref="LabException"><see cref="LabFault.Configuration"/> alone.</exception>
    private async Task RunLegAsync(
        RunRequest leg, IReadOnlyList<IScenario> scenarios, RunDirectory directory, Phases phases, IRunObserver observer, CancellationToken cancellation)
    {
        var before = directory.Current;
        try
        {
            await DiskSpace.GuardAsync(leg.Paths.Cache, () => DriveAsync(leg, scenarios, directory, phases, observer, cancellation));
        }
        catch (LabException trouble)
        {
            // The first trouble is what is told: the others often follow from it.
            if (before.Trouble is null)
                Quietly(() => directory.TroubleIs(trouble.Message, trouble.Evidence));
            else
                observer.Note(trouble.Message);
            if (trouble.Reason == LabFault.Configuration)
                throw;
            if (trouble.Reason is LabFault.HostCrash or LabFault.Boot && directory.Current.Hosts.Count == before.Hosts.Count)
                Quietly(() => Record(BootTrouble(leg, trouble), directory, observer));
        }
    }

    /// <summary>For what cannot be written while there is trouble already: the directory keeps it in memory, and the first trouble is what is told.</summary>
    private static void Quietly(Action write)
    {
        try
        {
            write();
        }
        catch (LabException)
        {
            // The report at the end meets the same, and tells it where nothing else was wrong.
        }
    }

    private async Task DriveAsync(
        RunRequest request, IReadOnlyList<IScenario> scenarios, RunDirectory directory, Phases phases, IRunObserver observer, CancellationToken cancellation)
    {
        var (boot, probe) = await new Preparation(request.Paths, request.Box.Bounds, clock).EnsureAsync(request.Box, request.Release, phases, observer, cancellation);
        phases.Begin("box");
        var options = new ProvisionOptions { RunDirectory = directory.Path, ProbeBinary = probe, Keep = request.Keep };
        var steps = new Told<ProvisionStep>(step => observer.Phase($"box: {step.Phase}{(step.Detail.Length > 0 ? $" ({step.Detail})" : "")}"));
        var host = await new Provisioner(request.Paths, request.Box.Bounds, clock)
            .ProvisionAsync(request.Box, request.Release, boot, options, steps, cancellation);
        await using (host)
        {
            try
            {
                var facts = host.Facts with { LabPatched = request.Release.LabPatched };
                await new HostRun(request, host, facts, directory, phases, observer, clock).RunAsync(scenarios, cancellation);
            }
            finally
            {
                // A verdict is worth more than a tidy end: the report is written before the box is put away.
                Quietly(() => RunReports.Write(directory.Path, directory.Current));
                Quietly(() => phases.Begin("power off"));
            }
        }
        phases.End();
    }

    /// <summary>
    /// A kernel that panics or hangs before it answers: its own fault where it is a developer's, the lab's where it is the
    /// packaged one, which boots everywhere else.
    /// </summary>
    internal static ScenarioResult BootTrouble(RunRequest request, LabException crash) => new()
    {
        Id = "box/boots",
        Subsystem = "box",
        Claim = request.Release.Hypervisor == "xen" ? "Xen and dom0 boot to their ready marker." : "The kernel boots to its ready marker.",
        Verdict = request.Release is { Kernel: null, ModulesDirectory: null, Xen: null } ? Verdict.Error : Verdict.Failure,
        DurationMs = 0,
        Detail = $"{crash.Message}\n{crash.Evidence}",
    };

    internal static void Record(ScenarioResult result, RunDirectory directory, IRunObserver observer)
    {
        directory.Add(result);
        observer.ScenarioFinished(result);
    }
}
