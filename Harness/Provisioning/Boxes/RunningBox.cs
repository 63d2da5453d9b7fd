using HvLab.Harness.Drivers.Console;
using HvLab.Harness.Drivers.Emulators;
using HvLab.Harness.Drivers.Processes;
using HvLab.Harness.Drivers.Qemu;
using HvLab.Harness.Drivers.Ssh;
using HvLab.Harness.Drivers.Waiting;
using HvLab.Harness.Lab;
using HvLab.Harness.Lab.Configuration;

namespace HvLab.Harness.Provisioning.Boxes;

/// <summary>One power-on of a box: its emulator, sockets, its console and the way in.</summary>
internal sealed class RunningBox : IAsyncDisposable
{
    private readonly Bounds _bounds;
    private readonly TimeProvider _clock;
    private Task<RemoteProcess>? _earlyProbe;

    private RunningBox(IEmulator emulator, PrivateDirectory sockets, ConsoleWatcher console, SshSession ssh, Bounds bounds, TimeProvider clock)
    {
        (Emulator, Sockets, Console, Ssh, _bounds, _clock) = (emulator, sockets, console, ssh, bounds, clock);
    }

    public IEmulator Emulator { get; }
    public PrivateDirectory Sockets { get; }
    public ConsoleWatcher Console { get; }
    public SshSession Ssh { get; }
    /// <summary>What was heard of Xen during this power-on; nothing in a restored box.</summary>
    public XenConsole Xen { get; } = new();

    /// <summary>Powers on and waits for the ready marker.</summary>
    /// <param name="started">Called as soon as the emulator runs: a box that outlives this process must be known before anything is waited for.</param>
    /// <param name="startProbe">Begin the probe's session as soon as the box takes one, see <see cref="TakeEarlyProbeAsync"/>.</param>
    /// <exception cref="LabException"><see cref="LabFault.HostCrash"/>, <see cref="LabFault.Boot"/> or <see cref="LabFault.Power"/>.</exception>
    public static async Task<RunningBox> BootAsync(
        BoxPlan plan, string consoleLog, ChildLife life, Bounds bounds, TimeProvider clock, CancellationToken cancellation,
        Func<RunningBox, Task>? started = null, bool startProbe = false)
    {
        var box = await StartAsync(plan, consoleLog, life, incoming: false, bounds, clock, cancellation);
        try
        {
            await (started?.Invoke(box) ?? Task.CompletedTask);
            await box.WaitForMarkerAsync(startProbe, cancellation);
            return box;
        }
        catch
        {
            await box.DisposeAsync();
            throw;
        }
    }

    /// <summary>Powers on into a snapshot. The guest runs, and nothing was asked of it yet.</summary>
    public static async Task<RunningBox> RestoreAsync(
        BoxPlan plan, string memoryFile, string consoleLog, ChildLife life, Bounds bounds, TimeProvider clock, CancellationToken cancellation,
        Func<RunningBox, Task>? started = null)
    {
        var box = await StartAsync(plan, consoleLog, life, incoming: true, bounds, clock, cancellation);
        try
        {
            await (started?.Invoke(box) ?? Task.CompletedTask);
            await Within.BoundAsync(bounds.Restore, clock, token => ((ISnapshots)box.Emulator).LoadAsync(memoryFile, token),
                () => new LabException(LabFault.Image, $"The snapshot {memoryFile} did not load within {bounds.Restore.TotalSeconds:0.#} s."),
                cancellation);
            // The guest believes that no time has passed. (Its RNG is reseeded by vmgenid, see QemuArguments.)
            box.Ssh.BeforeNext(() => ["date", "-u", "-s", "@" + clock.GetUtcNow().ToUnixTimeSeconds()]);
            return box;
        }
        catch
        {
            await box.DisposeAsync();
            throw;
        }
    }

    private static async Task<RunningBox> StartAsync(
        BoxPlan plan, string consoleLog, ChildLife life, bool incoming, Bounds bounds, TimeProvider clock, CancellationToken cancellation)
    {
        var sockets = PrivateDirectory.Create();
        var logged = File.Exists(consoleLog) ? new FileInfo(consoleLog).Length : 0;
        try
        {
            // A restored guest has its memory already, the probe in it.
            var withProbe = !incoming && plan.ProbeBinary is { } probe
                ? await ProbeInitramfs.WriteAsync(plan.Boot.Initramfs, probe, sockets.PathOf("initramfs"), cancellation) : null;
            var machine = (plan.Machine with { Initramfs = withProbe ?? plan.Machine.Initramfs, ConsoleLog = consoleLog }).In(sockets);
            if (incoming)
                machine = (QemuMachine)machine with { Incoming = true };
            var emulator = await Within.BoundAsync(bounds.Restore, clock, token => machine.StartAsync(life, clock, token), () => new LabException(LabFault.Power,
                $"{machine.Emulator} was not up within {bounds.Restore.TotalSeconds:0.#} s. This machine may be overloaded; './hvlab doctor' checks its emulators."),
                cancellation);
            // It is up, so it has read all files of the machine.
            if (withProbe is not null)
                File.Delete(withProbe);
            return new(emulator, sockets, new ConsoleWatcher(consoleLog, clock, logged),
                new SshSession(plan.Endpoint(emulator.Machine.SshPort), bounds, clock), bounds, clock);
        }
        catch
        {
            sockets.Dispose();
            throw;
        }
    }

    private async Task WaitForMarkerAsync(bool startProbe, CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var marker = Within.BoundAsync(_bounds.Boot, _clock, token => Console.WaitForAsync(BoxPlan.ReadyMarker, token, Hear),
            () => new LabException(LabFault.Boot,
                $"The box did not say '{BoxPlan.ReadyMarker}' on its console within {_bounds.Boot.TotalSeconds:0.#} s. "
                + $"The end of the console is below, the whole of it in {Emulator.Machine.ConsoleLog}; the bound is 'Boot'.",
                Console.Tail()), stop.Token);
        if (await Task.WhenAny(marker, Emulator.Exited) == marker)
        {
            await marker;
            return;
        }
        await stop.CancelAsync();
        await marker.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        throw await DescribeEndAsync(cancellation);

        void Hear(string line)
        {
            Xen.Hear(line);
            if (startProbe && line.Contains(BoxPlan.SshMarker, StringComparison.Ordinal))
                _earlyProbe ??= Ssh.StartAsync(["sh", "-c", WaitThenProbe, BoxPlan.RemoteProbe, BoxPlan.ReadyFile], cancellation);
        }
    }

    /// <summary>$0 is the probe, $1 the file that says that the modules are there.</summary>
    private const string WaitThenProbe = """until [ -e "$1" ]; do usleep 5000; done; exec "$0" """;

    /// <summary>The probe that was started while the box still booted; null where there is none, or it was given away, or it failed.</summary>
    public async Task<RemoteProcess?> TakeEarlyProbeAsync()
    {
        if (Interlocked.Exchange(ref _earlyProbe, null) is not { } early)
            return null;
        try
        {
            return await early;
        }
        catch (LabException)
        {
            // Whatever it was, the ordinary way says it better.
            return null;
        }
    }

    /// <summary>The emulator ended by itself: a crash that the console tells of is the kernel's, any other end is the lab's.</summary>
    public async Task<LabException> DescribeEndAsync(CancellationToken cancellation)
    {
        var described = await Emulator.DescribeExitAsync();
        return await Console.TroubleAsync(cancellation) is { Severity: >= ConsoleSeverity.Crash } trouble
            ? new LabException(LabFault.HostCrash,
                $"The kernel under test showed a {trouble.Kind} on the console and the box powered off. The whole console is in {Emulator.Machine.ConsoleLog}.",
                trouble.Excerpt)
            : new LabException(LabFault.Power, described.Message,
                $"{described.Evidence}\nThe console's end:\n{Console.Tail()}");
    }

    /// <summary>Powers off.</summary>
    public async ValueTask DisposeAsync()
    {
        var early = TakeEarlyProbeAsync();
        await Emulator.PowerOffAsync(_bounds.PowerOff, _clock);
        if (await early is { } unused)
        {
            unused.Abandon();
            await unused.DisposeAsync();
        }
        Sockets.Dispose();
    }

    /// <summary>Lets go of a box that shall go on without the harness.</summary>
    public async Task AbandonAsync()
    {
        Sockets.BelongTo(ProcessIdentity.Of(Emulator.Pid) ?? ProcessIdentity.Self);
        await Emulator.AbandonAsync();
    }
}
