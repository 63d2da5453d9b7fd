using HvLab.Harness.Drivers.Emulators;
using HvLab.Harness.Drivers.Processes;

namespace HvLab.Harness.Drivers.Qemu;

/// <summary>One box as QEMU sees it. The kernel boots by PVH; <see cref="EmulatedMachine.CpuModel"/> is -cpu under TCG, KVM takes "host".</summary>
public sealed record QemuMachine : EmulatedMachine
{
    public required bool Kvm { get; init; }
    public string QmpSocket { get; init; } = "";
    /// <summary>The serial line as a socket, for "box console".</summary>
    public string SerialSocket { get; init; } = "";
    /// <summary>Wait for a snapshot by QMP instead of booting.</summary>
    public bool Incoming { get; init; }

    public override QemuMachine In(PrivateDirectory directory)
    {
        ArgumentNullException.ThrowIfNull(directory);
        return this with { QmpSocket = directory.PathOf("qmp"), SerialSocket = directory.PathOf("serial") };
    }

    public override async Task<IEmulator> StartAsync(ChildLife life, TimeProvider clock, CancellationToken cancellation) =>
        await QemuProcess.StartAsync(this, life, clock, cancellation);
}
