using HvLab.Harness.Drivers.Emulators;
using HvLab.Harness.Drivers.Processes;
using HvLab.Harness.Drivers.Qemu;
using HvLab.Harness.Drivers.Waiting;
using HvLab.Harness.Lab;
using HvLab.Harness.Lab.Configuration;
using HvLab.Harness.Provisioning.Cache;

namespace HvLab.Harness.Provisioning.Boxes;

/// <summary>What climbing the ladder reached.</summary>
/// <param name="Restored">True where a snapshot was taken: the host has not answered yet in this life.</param>
internal sealed record ReadyBox(RunningBox Box, HostFacts Facts, bool Restored);

/// <summary>The strategy from Off to ProbeReady, climbed at the start of a run and again after each power cycle.</summary>
internal sealed class BoxLadder(
    BoxPlan plan, ProvisionOptions options, SnapshotStore snapshots, KeptBoxes kept, Bounds bounds, TimeProvider clock,
    IProgress<ProvisionStep> progress)
{
    private readonly string _key = plan.UsesSnapshots ? plan.SnapshotKey : "";
    /// <summary>A snapshot that was saved and not yet verified.</summary>
    private string? _staged;
    private HostFacts? _stagedFacts;

    public BoxPlan Plan => plan;
    public Bounds Bounds => bounds;
    public TimeProvider Clock => clock;
    public bool Keep => options.Keep;
    public string ConsoleLog { get; } = Path.Combine(options.RunDirectory, "console.log");
    private ChildLife Life => options.Keep ? ChildLife.Detached : ChildLife.WithHarness;

    public async Task<ReadyBox> ClimbAsync(CancellationToken cancellation)
    {
        var ready = await TryRestoreAsync(cancellation) ?? await BootAsync(cancellation);
        progress.Report(new(BoxPhase.ProbeReady, ready.Restored ? "restored from a snapshot" : "booted cold"));
        return ready;
    }

    public void Report(BoxPhase phase, string detail) => progress.Report(new(phase, detail));

    /// <summary>The snapshot did not do what it promised: the next climb boots cold.</summary>
    public async Task DropSnapshotAsync(string why)
    {
        Report(BoxPhase.Off, $"dropping the snapshot: {why}");
        await snapshots.DropAsync(_key, CancellationToken.None);
    }

    private async Task<ReadyBox?> TryRestoreAsync(CancellationToken cancellation)
    {
        if (!plan.UsesSnapshots || await snapshots.FindAsync(_key, cancellation) is not { } snapshot)
            return null;
        Report(BoxPhase.Restoring, $"snapshot {_key[..12]}");
        try
        {
            var box = await RunningBox.RestoreAsync(plan, snapshot.MemoryFile, ConsoleLog, Life, bounds, clock, cancellation,
                started => RegisterAsync(started, cancellation));
            var known = plan.KnownFacts;
            return new(box, snapshot.Facts with
            {
                Box = known.Box, Release = known.Release, LabPatched = known.LabPatched, Artifacts = known.Artifacts,
            }, Restored: true);
        }
        catch (LabException damaged) when (damaged.Reason is LabFault.Image or LabFault.Power)
        {
            await DropSnapshotAsync(damaged.Message);
            return null;
        }
    }

    private async Task<ReadyBox> BootAsync(CancellationToken cancellation)
    {
        Report(BoxPhase.Booting, plan.Release.Name);
        // A session may not be part of a snapshot: its other end would be gone.
        var box = await RunningBox.BootAsync(plan, ConsoleLog, Life, bounds, clock, cancellation,
            started => RegisterAsync(started, cancellation), startProbe: plan.ProbeBinary is not null && !plan.UsesSnapshots);
        try
        {
            Report(BoxPhase.Booted, "");
            var facts = box.Xen.Apply(await PrepareAsync(box, cancellation), plan.Release.XenFlavour);
            plan.RequireXen(facts);
            await StageSnapshotAsync(box, facts, cancellation);
            return new(box, facts, Restored: false);
        }
        catch (LabException trouble) when (trouble.Reason == LabFault.Ssh && box.Emulator.Exited.IsCompleted)
        {
            var told = await box.DescribeEndAsync(cancellation);
            await box.DisposeAsync();
            throw told;
        }
        catch
        {
            await box.DisposeAsync();
            throw;
        }
    }

    /// <summary>The probe came with the initramfs, and the lab's own init has said on the console what the host is.</summary>
    private async Task<HostFacts> PrepareAsync(RunningBox box, CancellationToken cancellation)
    {
        if (HostFactsReader.FromConsole(box.Console.Tail(), plan.KnownFacts) is { } told)
            return told;
        Report(BoxPhase.Preparing, "reading host facts");
        return await HostFactsReader.ReadAsync(box.Ssh, plan.KnownFacts, cancellation);
    }

    private async Task RegisterAsync(RunningBox box, CancellationToken cancellation)
    {
        if (!options.Keep || ProcessIdentity.Of(box.Emulator.Pid) is not { } process)
            return;
        var machine = box.Emulator.Machine;
        box.Sockets.BelongTo(process);
        await kept.RegisterAsync(new()
        {
            Name = plan.Box.Name,
            Release = plan.Release.Name,
            Key = plan.Boot.Key,
            Process = process,
            SshPort = machine.SshPort,
            SshPrivateKey = plan.Boot.SshPrivateKey,
            KnownHosts = plan.Boot.KnownHosts,
            Sockets = box.Sockets.FullPath,
            SerialSocket = (box.Emulator as IOperatorKeys)?.SerialSocket,
            ConsoleLog = machine.ConsoleLog,
            Platform = plan.Platform,
            Since = clock.GetUtcNow(),
        }, cancellation);
    }

    /// <summary>Saves while the host is untouched; a box that cannot be saved is still a good box.</summary>
    private async Task StageSnapshotAsync(RunningBox box, HostFacts facts, CancellationToken cancellation)
    {
        if (!plan.UsesSnapshots || _staged is not null)
            return;
        Report(BoxPhase.SavingSnapshot, $"snapshot {_key[..12]}");
        string? staging = null;
        try
        {
            staging = DiskSpace.Guard(options.RunDirectory, snapshots.CreateStaging);
            var memory = Path.Combine(staging, SnapshotStore.MemoryName);
            await Within.BoundAsync(bounds.Restore, clock,
                token => ((ISnapshots)box.Emulator).SaveAsync(memory, clock, token),
                () => new LabException(LabFault.Image, $"The snapshot was not written within {bounds.Restore.TotalSeconds:0.#} s."), cancellation);
            (_staged, _stagedFacts) = (staging, facts);
        }
        catch (LabException trouble) when (trouble.Reason is LabFault.Image or LabFault.DiskFull)
        {
            Remove(staging);
            Report(BoxPhase.SavingSnapshot, $"no snapshot this time: {trouble.Message}");
        }
        catch
        {
            Remove(staging);
            throw;
        }

        static void Remove(string? staging)
        {
            if (staging is not null)
                Directory.Delete(staging, recursive: true);
        }
    }

    /// <summary>
    /// Loads a staged snapshot once into a second QEMU, asks the host inside for the probe, and only then publishes it. Done
    /// at the end of the run, so that the first verdict need not wait for it.
    /// </summary>
    public async Task SettleSnapshotAsync(bool verify, CancellationToken cancellation)
    {
        if (_staged is not { } staging || _stagedFacts is not { } facts)
            return;
        (_staged, _stagedFacts) = (null, null);
        try
        {
            if (!verify)
                return;
            Report(BoxPhase.VerifyingSnapshot, $"snapshot {_key[..12]}");
            await using (var box = await RunningBox.RestoreAsync(plan, Path.Combine(staging, SnapshotStore.MemoryName),
                Path.Combine(staging, "console.log"), ChildLife.WithHarness, bounds, clock, cancellation))
            {
                await box.Ssh.RequireAsync(["sh", "-c", """[ -z "$1" ] || [ -x "$1" ]""", "verify",
                    plan.ProbeBinary is null ? "" : BoxPlan.RemoteProbe], cancellation);
            }
            File.Delete(Path.Combine(staging, "console.log"));
            await snapshots.PublishAsync(staging, _key, facts, cancellation);
        }
        catch (Exception trouble) when (trouble is LabException or OperationCanceledException or IOException)
        {
            Report(BoxPhase.VerifyingSnapshot, $"the snapshot was not kept: {trouble.Message}");
        }
        finally
        {
            if (Directory.Exists(staging))
                Directory.Delete(staging, recursive: true);
        }
    }
}
