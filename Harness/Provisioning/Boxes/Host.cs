using HvLab.Harness.Drivers.Console;
using HvLab.Harness.Drivers.Emulators;
using HvLab.Harness.Drivers.Ssh;
using HvLab.Harness.Drivers.Waiting;
using HvLab.Harness.Lab;

namespace HvLab.Harness.Provisioning.Boxes;

/// <summary>
/// A box that has booted a release and holds the probe. Not for several threads at once. Dispose powers it off, and then
/// verifies and publishes the snapshot that a cold boot saved.
/// </summary>
public sealed class Host : IAsyncDisposable
{
    private static readonly TimeSpan ExitNoticed = TimeSpan.FromMilliseconds(500);
    /// <summary>Two dumps of registers take an emulated serial line less than one.</summary>
    private static readonly TimeSpan KeysAnswered = TimeSpan.FromSeconds(2);

    private readonly BoxLadder _ladder;
    private readonly CancellationToken _run;
    private ReadyBox? _ready;
    /// <summary>A restored box proves its snapshot by its first answer.</summary>
    private bool _hasAnswered;

    private Host(BoxLadder ladder, ReadyBox ready, CancellationToken run)
    {
        (_ladder, _ready, _run) = (ladder, ready, run);
        _hasAnswered = !ready.Restored;
    }

    public HostFacts Facts => Ready.Facts;
    /// <summary>Path of the console log: all power-ons of this run, one after the other.</summary>
    public string ConsoleLog => _ladder.ConsoleLog;
    /// <summary>Path of the probe on the host.</summary>
    public string ProbePath => BoxPlan.RemoteProbe;
    /// <summary>The way in; another one after each power cycle.</summary>
    public SshSession Ssh => Ready.Box.Ssh;
    /// <summary>True where this power-on came from a snapshot.</summary>
    public bool IsRestored => Ready.Restored;
    public int EmulatorPid => Ready.Box.Emulator.Pid;

    private ReadyBox Ready => _ready ?? throw new ObjectDisposedException(nameof(Host));

    internal static async Task<Host> StartAsync(BoxLadder ladder, CancellationToken cancellation)
    {
        try
        {
            return new(ladder, await ladder.ClimbAsync(cancellation), cancellation);
        }
        catch
        {
            await ladder.SettleSnapshotAsync(verify: false, CancellationToken.None);
            throw;
        }
    }

    /// <summary>
    /// Starts the probe and returns once its session stands. A restored box that does not answer is powered off, its snapshot
    /// dropped, and the box booted cold, once.
    /// </summary>
    /// <exception cref="LabException"><see cref="LabFault.Ssh"/>; <see cref="LabFault.HostCrash"/> or <see cref="LabFault.Power"/> where the box went down.</exception>
    public async Task<RemoteProcess> StartProbeAsync(IReadOnlyList<string> arguments, CancellationToken cancellation)
    {
        if (arguments.Count == 0 && await Ready.Box.TakeEarlyProbeAsync() is { } early)
            return early;
        IReadOnlyList<string> command = [ProbePath, .. arguments];
        try
        {
            var process = await Ssh.StartAsync(command, cancellation);
            _hasAnswered = true;
            return process;
        }
        catch (LabException silent) when (silent.Reason == LabFault.Ssh && !_hasAnswered)
        {
            await _ladder.DropSnapshotAsync(silent.Message);
            await PowerCycleAsync(cancellation);
            return await Ssh.StartAsync(command, cancellation);
        }
        catch (LabException trouble) when (trouble.Reason == LabFault.Ssh && Ready.Box.Emulator.Exited.IsCompleted)
        {
            throw await Ready.Box.DescribeEndAsync(cancellation);
        }
    }

    /// <summary>
    /// The worst that the console showed since the last call, warnings included, or that the guest powered off by itself; null
    /// for nothing, and where the emulator was killed or crashed: that is no word about the guest (see <see cref="ExplainAsync"/>).
    /// </summary>
    public async Task<ConsoleTrouble?> DiagnoseAsync(CancellationToken cancellation = default)
    {
        if (await Ready.Box.Console.TroubleAsync(cancellation) is { } trouble)
            return trouble;
        var emulator = Ready.Box.Emulator;
        if (!emulator.Exited.IsCompleted || !await emulator.GuestPoweredOffAsync())
            return null;
        var ended = await emulator.DescribeExitAsync();
        return new(ConsoleSeverity.Fatal, "power-off by itself",
            ConsoleText.Escape($"{ended.Message}\n{ended.Evidence}\nThe console's end:\n{Ready.Box.Console.Tail()}"));
    }

    /// <summary>
    /// A host that fell silent without a word on its console is asked once more, over SSH, for as long as a probe may be silent.
    /// Where it does not answer, it hangs, and Xen's own keys bring its stack onto the console. Null for one that answers, and
    /// for hosts that have a watchdog of their own to tell of a hang.
    /// </summary>
    public async Task<ConsoleTrouble?> DiagnoseSilenceAsync(CancellationToken cancellation)
    {
        var box = Ready.Box;
        if (Facts.Xen is null || box.Emulator.Exited.IsCompleted)
            return null;
        try
        {
            await Within.BoundAsync(_ladder.Bounds.ProbeSilence, _ladder.Clock, token => box.Ssh.RunAsync(["true"], token),
                () => new LabException(LabFault.Ssh, "silent"), cancellation);
            return null;
        }
        catch (LabException silent) when (silent.Reason == LabFault.Ssh && !box.Emulator.Exited.IsCompleted)
        {
            if (!await IsEmulatorRunningAsync(box.Emulator, cancellation))
                return null;
            var (kind, found) = box.Emulator is IOperatorKeys keys ? await AskXenAsync(keys, cancellation)
                : ("hang of the host", "The box's serial line takes no keys, so Xen could not be asked; the console's end");
            // What the keys brought is no trouble of its own.
            await box.Console.TroubleAsync(cancellation);
            return new(ConsoleSeverity.Fatal, kind,
                $"The host answers neither the probe's connection nor a new command within {_ladder.Bounds.ProbeSilence.TotalSeconds:0.#} s each. "
                + $"{found}:\n{box.Console.Tail()}");
        }
    }

    private async Task<(string Kind, string Found)> AskXenAsync(IOperatorKeys operation, CancellationToken cancellation)
    {
        var before = new FileInfo(ConsoleLog).Length;
        await ConsoleKeys.TypeAsync(operation.SerialSocket, ConsoleKeys.XenRegisters, cancellation);
        await Task.Delay(KeysAnswered, _ladder.Clock, cancellation);
        if (new FileInfo(ConsoleLog).Length > before)
            return ("hang of dom0 (Xen answers its keys)", "Xen's registers and stacks, by its own keys");
        // What no key reaches, with interrupts off, an NMI does: a debug build shows its stack and panics.
        await operation.SendNmiAsync(cancellation);
        await Task.Delay(KeysAnswered, _ladder.Clock, cancellation);
        return ("hang of Xen", "Xen's keys brought nothing onto the console; its end, after an NMI");
    }

    /// <summary>A non-maskable interrupt, as a BMC's 'power diag' sends it: a debug build of Xen takes it for fatal.</summary>
    /// <exception cref="LabException"><see cref="LabFault.Power"/>: the box's emulator has none to send.</exception>
    public Task SendNmiAsync(CancellationToken cancellation) => Ready.Box.Emulator is IOperatorKeys operation ? operation.SendNmiAsync(cancellation)
        : throw new LabException(LabFault.Power, $"The emulator of the box '{Facts.Box}' cannot send an NMI. A QEMU box can: name one by --box.");

    /// <summary>An emulator that stands still looks like a host that hangs, and is the lab's own trouble.</summary>
    private async Task<bool> IsEmulatorRunningAsync(IEmulator emulator, CancellationToken cancellation)
    {
        try
        {
            return await Within.BoundAsync(_ladder.Bounds.PowerOff, _ladder.Clock, emulator.IsRunningAsync,
                () => new LabException(LabFault.Power, "silent"), cancellation);
        }
        catch (LabException trouble) when (trouble.Reason == LabFault.Power)
        {
            return false;
        }
    }

    /// <summary>What is behind trouble with the host: that its emulator ended, where it did, else the trouble itself.</summary>
    public async Task<LabException> ExplainAsync(LabException trouble)
    {
        ArgumentNullException.ThrowIfNull(trouble);
        var emulator = Ready.Box.Emulator;
        // The connection notices a killed emulator before its parent does.
        if (trouble.Reason == LabFault.Ssh)
            await Task.WhenAny(emulator.Exited, Task.Delay(ExitNoticed, _ladder.Clock));
        return emulator.Exited.IsCompleted ? await emulator.DescribeExitAsync() : trouble;
    }

    /// <summary>The snapshot that this host came from is not to be trusted: the next power cycle boots cold.</summary>
    public Task DropSnapshotAsync(string why) => _ladder.DropSnapshotAsync(why);

    /// <summary>Power off, power on, back to ProbeReady: from the snapshot where there is one, which also is the fastest reset.</summary>
    public async Task PowerCycleAsync(CancellationToken cancellation)
    {
        _ladder.Report(BoxPhase.PowerCycling, Facts.Box);
        await Ready.Box.DisposeAsync();
        await File.AppendAllTextAsync(ConsoleLog, "\n[hvlab] power cycle\n", cancellation);
        _ready = await _ladder.ClimbAsync(cancellation);
        _hasAnswered = !_ready.Restored;
    }

    public async ValueTask DisposeAsync()
    {
        if (_ready is not { } ready)
            return;
        _ready = null;
        if (_ladder.Keep)
            await ready.Box.AbandonAsync();
        else
            await ready.Box.DisposeAsync();
        await _ladder.SettleSnapshotAsync(verify: !_run.IsCancellationRequested, _run);
        _ladder.Report(BoxPhase.PoweredOff, _ladder.Keep ? "left running" : "");
    }
}
