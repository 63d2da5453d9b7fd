using HvLab.Harness.Drivers.Processes;
using HvLab.Harness.Drivers.Waiting;
using HvLab.Harness.Lab;
using HvLab.Harness.Lab.Configuration;
using HvLab.Harness.Provisioning.Images;

namespace HvLab.Harness.Provisioning.Boxes;

/// <summary>Times since the start of the emulator's process.</summary>
/// <param name="Ready">Until the ready marker was on the console.</param>
/// <param name="Off">Until that process had ended by the guest's own power-off.</param>
public sealed record BareBootTime(TimeSpan Ready, TimeSpan Off);

/// <summary>What the lab is measured against: the same kernel, image and emulator, booted and powered off, and nothing else.</summary>
public static class BareBoot
{
    public static async Task<BareBootTime> MeasureAsync(
        BoxResource box, BootArtifacts boot, Bounds bounds, TimeProvider clock, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(box);
        ArgumentNullException.ThrowIfNull(boot);
        ArgumentNullException.ThrowIfNull(bounds);
        var release = new Release
        {
            Name = "bare-boot", Hypervisor = "none", KernelPackage = "", ImagePackages = [], Modules = [],
        };
        var plan = await BoxPlan.MakeAsync(box, release, boot with { CommandLine = $"{boot.CommandLine} {BoxPlan.PowerOffWord}" }, null, cancellation);
        using var directory = PrivateDirectory.Create();
        var begun = clock.GetTimestamp();
        await using var running = await RunningBox.BootAsync(
            plan, directory.PathOf("console.log"), ChildLife.WithHarness, bounds, clock, cancellation);
        var ready = clock.GetElapsedTime(begun);
        await Within.BoundAsync(bounds.PowerOff, clock, token => running.Emulator.Exited.WaitAsync(token), () => new LabException(
            LabFault.Boot, $"The image did not power off by itself after its marker, though its command line says '{BoxPlan.PowerOffWord}'.",
            running.Console.Tail()), cancellation);
        return new(ready, clock.GetElapsedTime(begun));
    }
}
