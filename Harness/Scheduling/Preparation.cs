using HvLab.Harness.Lab;
using HvLab.Harness.Lab.Configuration;
using HvLab.Harness.Provisioning.Images;
using HvLab.Harness.Provisioning.Probes;
using HvLab.Harness.Provisioning.Setup;

namespace HvLab.Harness.Scheduling;

/// <summary>Everything that a run needs before a box is switched on: programs, the release's image, the probe.</summary>
internal sealed class Preparation(HvLabPaths paths, Bounds bounds, TimeProvider clock)
{
    public async Task<(BootArtifacts Boot, string Probe)> EnsureAsync(
        BoxResource box, Release release, Phases phases, IRunObserver observer, CancellationToken cancellation)
    {
        var told = new Told<string>(observer.Note);
        phases.Begin("set-up");
        var setup = new SetupPlan(paths, bounds, clock, Machine.This(Environment.GetEnvironmentVariable), RunRequirements.For(box, release));
        // A machine that has everything is the usual one: begin as if, and begin again where something had to be installed.
        using var early = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var ready = BuildAsync(release, told, early.Token);
        var missing = await setup.FindMissingAsync(cancellation);
        if (missing.Count > 0)
        {
            await early.CancelAsync();
            await ready.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            await setup.InstallAsync(missing, told, cancellation);
            phases.Begin("image and probe");
            ready = BuildAsync(release, told, cancellation);
        }
        var result = await ready;
        phases.End();
        return result;
    }

    private async Task<(BootArtifacts Boot, string Probe)> BuildAsync(Release release, IProgress<string> told, CancellationToken cancellation)
    {
        // Off this thread from the first step on: hashing sources and asking apt for states is synchronous in part.
        var boot = Task.Run(() => new ImageBuilder(paths, bounds, clock).EnsureAsync(release, told, cancellation), cancellation);
        var probe = Task.Run(() => new ProbeBuild(paths, bounds, clock).EnsureAsync(told, cancellation), cancellation);
        await Task.WhenAll(boot, probe);
        return (await boot, await probe);
    }
}
