using HvLab.Harness.Provisioning.Boxes;
using HvLab.Harness.Reports.Json;
using HvLab.Harness.Scenarios;

namespace HvLab.Harness.Scheduling.Fuzz;

/// <summary>From nothing to a box that takes plans, and back.</summary>
internal static class FuzzHost
{
    public static async Task<T> UseAsync<T>(
        RunRequest run, HostNeed needs, RunDirectory directory, Phases phases, IRunObserver observer, TimeProvider clock, Func<FuzzBox, Task<T>> use, CancellationToken cancellation)
    {
        var (boot, probe) = await new Preparation(run.Paths, run.Box.Bounds, clock).EnsureAsync(run.Box, run.Release, phases, observer, cancellation);
        phases.Begin("box");
        var options = new ProvisionOptions { RunDirectory = directory.Path, ProbeBinary = probe, Keep = false };
        var steps = new Told<ProvisionStep>(step => observer.Phase($"box: {step.Phase}{(step.Detail.Length > 0 ? $" ({step.Detail})" : "")}"));
        await using var host = await new Provisioner(run.Paths, run.Box.Bounds, clock).ProvisionAsync(run.Box, run.Release, boot, options, steps, cancellation);
        var box = new FuzzBox(run, host, needs, facts =>
        {
            directory.HostIs(facts);
            observer.HostReady(facts);
        }, observer, clock);
        phases.Begin("campaign");
        var result = await use(box);
        phases.Begin("power off");
        return result;
    }
}
