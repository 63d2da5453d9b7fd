using System.Net.Sockets;
using System.Text.Json;
using HvLab.Harness.Drivers.Console;
using HvLab.Harness.Drivers.Emulators;
using HvLab.Harness.Drivers.Processes;
using HvLab.Harness.Lab;

namespace HvLab.Harness.Drivers.Qemu;

/// <summary>A running QEMU with its control socket open: the power driver of a virtual box.</summary>
public sealed class QemuProcess : IEmulator, ISnapshots, IOperatorKeys
{
    /// <summary>How often to look for the control socket: QEMU opens it some 30 ms after its start.</summary>
    private static readonly TimeSpan SocketPoll = TimeSpan.FromMilliseconds(2);
    private static readonly TimeSpan LastWords = TimeSpan.FromSeconds(2);
    /// <summary>Another process may take the SSH port between choosing and binding it.</summary>
    private const int PortAttempts = 5;

    private readonly BoundChild _child;
    private readonly TailText _words;
    private readonly Task _draining;

    private QemuProcess(QemuMachine machine, BoundChild child, TailText words, Task draining, QmpClient qmp)
    {
        Machine = machine;
        _child = child;
        _words = words;
        _draining = draining;
        Qmp = qmp;
    }

    public QemuMachine Machine { get; }
    EmulatedMachine IEmulator.Machine => Machine;
    public QmpClient Qmp { get; }
    public int Pid => _child.Pid;
    public Task<int> Exited => _child.Exited;
    public string SerialSocket => Machine.SerialSocket;

    /// <summary>
    /// Starts QEMU and opens its control socket, on a free loopback port (<see cref="QemuMachine.SshPort"/> is replaced).
    /// </summary>
    /// <exception cref="LabException"><see cref="LabFault.Power"/> quoting QEMU's stderr where it exits.</exception>
    public static async Task<QemuProcess> StartAsync(
        QemuMachine machine, ChildLife life, TimeProvider clock, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(machine);
        for (var attempt = 1; ; attempt++)
        {
            var placed = machine with { SshPort = LoopbackPort.Free() };
            try
            {
                return await StartOnceAsync(placed, life, clock, cancellation);
            }
            catch (LabException taken) when (attempt < PortAttempts && IsPortTaken(taken))
            {
                // Choose another one at once: there is nothing to wait for.
            }
        }
    }

    /// <summary>What QEMU said on stderr, escaped and bounded.</summary>
    public string Words => ConsoleText.Escape(_words.ToString());

    /// <summary>The box ended by itself: who said what.</summary>
    public async Task<LabException> DescribeExitAsync()
    {
        var code = await Exited;
        await _draining;
        return Ended(Machine, code, Words);
    }

    public async Task<bool> GuestPoweredOffAsync() => await Exited == 0;

    public async Task<bool> IsRunningAsync(CancellationToken cancellation)
    {
        try
        {
            var status = await Qmp.ExecuteAsync("query-status", null, cancellation);
            return status.TryGetProperty("running", out var running) && running.ValueKind == JsonValueKind.True;
        }
        catch (LabException trouble) when (trouble.Reason == LabFault.Power)
        {
            return false;
        }
    }

    public Task SendNmiAsync(CancellationToken cancellation) => Qmp.ExecuteAsync("inject-nmi", null, cancellation);

    public Task SaveAsync(string file, TimeProvider clock, CancellationToken cancellation) => QemuMigration.SaveAsync(Qmp, file, clock, cancellation);

    public Task LoadAsync(string file, CancellationToken cancellation) => QemuMigration.LoadAsync(Qmp, file, cancellation);

    /// <summary>QEMU is asked to quit, and killed where it does not within the bound.</summary>
    public async Task PowerOffAsync(TimeSpan bound, TimeProvider clock)
    {
        try
        {
            using var patience = new CancellationTokenSource(bound, clock);
            await Qmp.ExecuteAsync("quit", null, patience.Token);
            await Exited.WaitAsync(patience.Token);
        }
        catch (Exception unwilling) when (unwilling is LabException or OperationCanceledException)
        {
            // Gone already, or stuck: the kill below settles both.
        }
        await DisposeAsync();
    }

    /// <summary>Leaves a detached QEMU running and its control socket to others. (It ignores SIGPIPE: its stderr may end.)</summary>
    public ValueTask AbandonAsync() => Qmp.DisposeAsync();

    public async ValueTask DisposeAsync()
    {
        await _child.DisposeAsync();
        await Qmp.DisposeAsync();
    }

    private static async Task<QemuProcess> StartOnceAsync(
        QemuMachine machine, ChildLife life, TimeProvider clock, CancellationToken cancellation)
    {
        var child = await BoundChild.StartAsync(life, machine.Emulator, QemuArguments.Build(machine));
        var words = new TailText();
        var draining = words.DrainAsync(child.StandardError);
        try
        {
            while (true)
            {
                try
                {
                    return new(machine, child, words, draining, await QmpClient.ConnectAsync(machine.QmpSocket, cancellation));
                }
                catch (SocketException) when (!child.Exited.IsCompleted)
                {
                    await Task.WhenAny(child.Exited, Task.Delay(SocketPoll, clock, cancellation));
                    cancellation.ThrowIfCancellationRequested();
                }
                catch (Exception trouble) when (trouble is LabException || child.Exited.IsCompleted)
                {
                    // A control socket that opens and closes belongs to a QEMU that is just ending: its own words say why.
                    await Task.WhenAny(child.Exited, Task.Delay(LastWords, clock, cancellation));
                    if (!child.Exited.IsCompleted)
                        throw;
                    await draining;
                    throw Ended(machine, await child.Exited, ConsoleText.Escape(words.ToString()));
                }
            }
        }
        catch
        {
            await child.DisposeAsync();
            throw;
        }
    }

    private static bool IsPortTaken(LabException trouble) =>
        trouble.Evidence?.Contains("Could not set up host forwarding rule", StringComparison.Ordinal) == true;

    private static LabException Ended(QemuMachine machine, int code, string words) => new(LabFault.Power,
        $"{machine.Emulator} ended with exit code {code} while the box was in use. "
        + $"Its words are below, the console log is {machine.ConsoleLog}; './hvlab doctor' checks this machine's QEMU.",
        words);
}
