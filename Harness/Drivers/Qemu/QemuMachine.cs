namespace HvLab.Harness.Drivers.Qemu;

/// <summary>One box as QEMU sees it: what decides the guest's state first, what only says where things are after it.</summary>
public sealed record QemuMachine
{
    /// <summary>Absolute path of qemu-system-x86_64.</summary>
    public required string Emulator { get; init; }
    public required bool Kvm { get; init; }
    public required int Cpus { get; init; }
    public required int MemoryMiB { get; init; }
    /// <summary>-cpu under TCG; KVM takes "host".</summary>
    public required string CpuModel { get; init; }
    /// <summary>vmlinux ELF, booted by PVH.</summary>
    public required string Kernel { get; init; }
    public required string Initramfs { get; init; }
    public required string CommandLine { get; init; }
    /// <summary>A multiboot ELF that boots first, kernel and initramfs being its modules; null where the kernel boots first.</summary>
    public string? Hypervisor { get; init; }
    public string HypervisorCommandLine { get; init; } = "";

    /// <summary>Loopback port that reaches port 22 of the guest.</summary>
    public required int SshPort { get; init; }
    public required string QmpSocket { get; init; }
    /// <summary>The serial line as a socket, for "box console".</summary>
    public required string SerialSocket { get; init; }
    /// <summary>Everything the serial line says, whether somebody is joined or not. Appended to.</summary>
    public required string ConsoleLog { get; init; }
    /// <summary>Wait for a snapshot by QMP instead of booting.</summary>
    public bool Incoming { get; init; }
}
