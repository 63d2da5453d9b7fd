using HvLab.Harness.Drivers.Processes;
using HvLab.Harness.Lab;

namespace HvLab.Harness.Drivers.Emulators;

/// <summary>One virtual box as every emulator sees it: what decides the guest's state first, what only says where things are after it.</summary>
public abstract record EmulatedMachine
{
    /// <summary>Absolute path of the emulator.</summary>
    public required string Emulator { get; init; }
    public required int Cpus { get; init; }
    public required int MemoryMiB { get; init; }
    /// <summary>In the emulator's own words.</summary>
    public required string CpuModel { get; init; }
    /// <summary>vmlinux ELF.</summary>
    public required string Kernel { get; init; }
    public required string Initramfs { get; init; }
    public required string CommandLine { get; init; }
    /// <summary>A multiboot ELF that boots first, kernel and initramfs being its modules; null where the kernel boots first.</summary>
    public string? Hypervisor { get; init; }
    public string HypervisorCommandLine { get; init; } = "";

    /// <summary>Loopback port that reaches port 22 of the guest; each start chooses its own.</summary>
    public int SshPort { get; init; }
    /// <summary>Everything the serial line says, whether somebody is joined or not. Appended to.</summary>
    public string ConsoleLog { get; init; } = "";

    /// <summary>The same machine with what it needs of sockets and files in this directory.</summary>
    public abstract EmulatedMachine In(PrivateDirectory directory);

    /// <summary>Powers on. Returns once the emulator has read every file of the machine and its SSH port is taken.</summary>
    /// <exception cref="LabException"><see cref="LabFault.Power"/> quoting the emulator where it exits.</exception>
    public abstract Task<IEmulator> StartAsync(ChildLife life, TimeProvider clock, CancellationToken cancellation);
}
