using HvLab.Harness.Drivers.Processes;
using HvLab.Harness.Lab;
using HvLab.Harness.Lab.Configuration;
using HvLab.Harness.Provisioning.Images;

namespace HvLab.Harness.Provisioning.Boxes;

/// <summary>Takes a box from Off to ProbeReady: by a verified snapshot where there is one, else by a cold boot.</summary>
public sealed class Provisioner(HvLabPaths paths, Bounds bounds, TimeProvider clock)
{
    private readonly SnapshotStore _snapshots = new(paths.Cache, bounds, clock);
    private readonly KeptBoxes _kept = new(paths, bounds, clock);

    /// <summary>Dispose the host to power the box off (or, with <see cref="ProvisionOptions.Keep"/>, to let go of it).</summary>
    /// <exception cref="LabException">
    /// <see cref="LabFault.HostCrash"/> quoting the console where the kernel crashed while booting; <see cref="LabFault.Boot"/>
    /// where it never got ready; <see cref="LabFault.Power"/> quoting QEMU; <see cref="LabFault.Ssh"/>.
    /// </exception>
    public async Task<Host> ProvisionAsync(
        BoxResource box, Release release, BootArtifacts boot, ProvisionOptions options,
        IProgress<ProvisionStep> progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(box);
        ArgumentNullException.ThrowIfNull(release);
        ArgumentNullException.ThrowIfNull(boot);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(progress);
        PrivateDirectory.Sweep();
        _snapshots.Sweep();
        if (options.Keep)
            await _kept.RequireFreeAsync(box.Name, cancellation);
        var plan = await BoxPlan.MakeAsync(box, release, boot, options.ProbeBinary, cancellation);
        progress.Report(new(BoxPhase.Off, plan.Why));
        var ladder = new BoxLadder(plan, options, _snapshots, _kept, bounds, clock, progress);
        return await Host.StartAsync(ladder, cancellation);
    }
}
