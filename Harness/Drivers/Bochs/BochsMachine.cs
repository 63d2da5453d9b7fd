using HvLab.Harness.Drivers.Emulators;
using HvLab.Harness.Drivers.Processes;

namespace HvLab.Harness.Drivers.Bochs;

/// <summary>
/// One box as Bochs sees it: one Intel CPU with VMX and EPT, interpreted instruction by instruction. It boots from a CD, so
/// the kernel has to come after a multiboot hypervisor.
/// </summary>
public sealed record BochsMachine : EmulatedMachine
{
    /// <summary>
    /// How many million instructions are a second of the guest's time, which so depends on nothing outside. More than Bochs
    /// can do in a second: the guest is then patient, and takes fewer timer interrupts on its way.
    /// </summary>
    public required int Mips { get; init; }
    /// <summary>Where the CD, the configuration and the serial line's pipe go.</summary>
    public string Directory { get; init; } = "";

    public string PathOf(string name) => Path.Combine(Directory, name);

    public override BochsMachine In(PrivateDirectory directory)
    {
        ArgumentNullException.ThrowIfNull(directory);
        return this with { Directory = directory.FullPath };
    }

    public override async Task<IEmulator> StartAsync(ChildLife life, TimeProvider clock, CancellationToken cancellation) =>
        await BochsProcess.StartAsync(this, life, clock, cancellation);
}
