using System.Net.NetworkInformation;
using HvLab.Harness.Drivers.Console;
using HvLab.Harness.Drivers.Emulators;
using HvLab.Harness.Drivers.Processes;
using HvLab.Harness.Drivers.Qemu;
using HvLab.Harness.Lab;

namespace HvLab.Harness.Drivers.Bochs;

/// <summary>A running Bochs: the power driver of a virtual box with EPT.</summary>
public sealed class BochsProcess : IEmulator
{
    /// <summary>How often to look whether Bochs listens: it does some 200 ms after its start.</summary>
    private static readonly TimeSpan ListenPoll = TimeSpan.FromMilliseconds(10);
    /// <summary>Another process may take the SSH port between choosing and binding it.</summary>
    private const int PortAttempts = 5;
    /// <summary>How Bochs says that its guest switched itself off (iodev/acpi.cc).</summary>
    private const string SoftPowerOff = "soft power off";

    private readonly BoundChild _child, _recorder;
    private readonly TailText _words;
    private readonly Task _draining;

    private BochsProcess(BochsMachine machine, BoundChild child, BoundChild recorder, TailText words, Task draining)
    {
        Machine = machine;
        (_child, _recorder, _words, _draining) = (child, recorder, words, draining);
    }

    public BochsMachine Machine { get; }
    EmulatedMachine IEmulator.Machine => Machine;
    public int Pid => _child.Pid;
    public Task<int> Exited => _child.Exited;

    /// <summary>Makes the boot disc and starts Bochs, on a free loopback port.</summary>
    /// <exception cref="LabException">
    /// <see cref="LabFault.Configuration"/> where there is no hypervisor to boot; <see cref="LabFault.Power"/> quoting Bochs where it exits.
    /// </exception>
    public static async Task<BochsProcess> StartAsync(
        BochsMachine machine, ChildLife life, TimeProvider clock, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(machine);
        var hypervisor = machine.Hypervisor ?? throw new LabException(LabFault.Configuration,
            "A Bochs box boots by multiboot, which Linux does not: it runs releases of Xen alone. Name one by --release, or another box by --box.");
        await BootDisc.WriteAsync(machine, hypervisor, machine.Directory, machine.PathOf(BochsFiles.Disc), cancellation);
        await File.WriteAllTextAsync(machine.PathOf(BochsFiles.Debugger), BochsFiles.Continue, cancellation);
        for (var attempt = 1; ; attempt++)
        {
            var placed = machine with { SshPort = LoopbackPort.Free() };
            if (await StartOnceAsync(placed, life, clock, cancellation) is { } started)
                return started;
            if (attempt == PortAttempts)
                throw new LabException(LabFault.Power, $"Bochs found its port on 127.0.0.1 taken {PortAttempts} times. Another program takes ports as fast as they are free.");
        }
    }

    public async Task<bool> GuestPoweredOffAsync()
    {
        await Exited;
        await _draining;
        return _words.ToString().Contains(SoftPowerOff, StringComparison.Ordinal);
    }

    public async Task<LabException> DescribeExitAsync()
    {
        var code = await Exited;
        await _draining;
        return Ended(Machine, code, _words);
    }

    /// <summary>It has no control socket to ask; a process that somebody stopped, the kernel tells of.</summary>
    public Task<bool> IsRunningAsync(CancellationToken cancellation) =>
        Task.FromResult(ProcessIdentity.Of(Pid) is not null && !ProcessIdentity.IsStopped(Pid));

    public async Task PowerOffAsync(TimeSpan bound, TimeProvider clock) => await DisposeAsync();

    /// <summary>What it says from here on nobody hears: it says nothing before its end.</summary>
    public ValueTask AbandonAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await _child.DisposeAsync();
        await _recorder.DisposeAsync();
    }

    /// <summary>Null where the port was taken.</summary>
    private static async Task<BochsProcess?> StartOnceAsync(
        BochsMachine machine, ChildLife life, TimeProvider clock, CancellationToken cancellation)
    {
        await File.WriteAllTextAsync(machine.PathOf(BochsFiles.Configuration), BochsFiles.ConfigurationOf(machine), cancellation);
        await File.WriteAllTextAsync(machine.PathOf(BochsFiles.Network), BochsFiles.NetworkOf(machine), cancellation);
        File.Delete(machine.PathOf(BochsFiles.Serial));
        var recorder = await SerialRecorder.StartAsync(machine.PathOf(BochsFiles.Serial), machine.ConsoleLog, life, cancellation);
        BoundChild? child = null;
        try
        {
            // env(1) becomes Bochs. Without a display SDL would look for one, and for a sound card.
            child = await BoundChild.StartAsync(life, "env", ["SDL_VIDEODRIVER=dummy", "SDL_AUDIODRIVER=dummy",
                machine.Emulator, "-q", "-f", machine.PathOf(BochsFiles.Configuration), "-rc", machine.PathOf(BochsFiles.Debugger)]);
            // Its debugger would ask what to do when the guest is off; at the end of its input it ends.
            child.StandardInput.Close();
            var words = new TailText();
            var draining = Task.WhenAll(words.DrainAsync(child.StandardError), words.DrainAsync(new StreamReader(child.StandardOutput)));
            while (!IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners().Any(end => end.Port == machine.SshPort))
            {
                await Task.WhenAny(child.Exited, Task.Delay(ListenPoll, clock, cancellation));
                cancellation.ThrowIfCancellationRequested();
                if (!child.Exited.IsCompleted)
                    continue;
                await draining;
                throw Ended(machine, await child.Exited, words);
            }
            if (!(await File.ReadAllTextAsync(machine.PathOf(BochsFiles.Log), cancellation)).Contains(BochsFiles.PortTaken, StringComparison.Ordinal))
                return new(machine, child, recorder, words, draining);
        }
        catch
        {
            await EndAsync();
            throw;
        }
        await EndAsync();
        return null;

        async Task EndAsync()
        {
            if (child is not null)
                await child.DisposeAsync();
            await recorder.DisposeAsync();
        }
    }

    private static LabException Ended(BochsMachine machine, int code, TailText words) => new(LabFault.Power,
        $"{machine.Emulator} ended with exit code {code} while the box was in use. "
        + $"Its words are below, the console log is {machine.ConsoleLog}; './hvlab doctor' checks this machine's Bochs.",
        ConsoleText.Escape(words.ToString()));
}
