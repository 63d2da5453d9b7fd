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
        Release release, Phases phases, IRunObserver observer, CancellationToken cancellation)
    {
        var told = new Told<string>(observer.Note);
        phases.Begin("set-up");
        var setup = new SetupPlan(paths, bounds, clock, Machine.This(Environment.GetEnvironmentVariable));
        await setup.InstallAsync(await setup.FindMissingAsync(cancellation), told, cancellation);
        phases.Begin("image and probe");
        var boot = new ImageBuilder(paths, bounds, clock).EnsureAsync(release, told, cancellation);
        var probe = new ProbeBuild(paths, bounds, clock).EnsureAsync(told, cancellation);
        await Task.WhenAll(boot, probe);
        phases.End();
        return (await boot, await probe);
    }
}
