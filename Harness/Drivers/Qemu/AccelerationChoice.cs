using HvLab.Harness.Lab;
using HvLab.Harness.Lab.Configuration;

namespace HvLab.Harness.Drivers.Qemu;

/// <summary>How a box executes, and the sentence that says why.</summary>
/// <param name="Kvm">True for hardware acceleration, false for TCG.</param>
public sealed record AccelerationChoice(bool Kvm, string Why)
{
    /// <summary>As <see cref="HostFacts.Platform"/> names it.</summary>
    public string Platform => Kvm ? "kvm" : "tcg";

    /// <exception cref="LabException"><see cref="LabFault.Configuration"/> where the box asks for KVM and the machine has none that nests.</exception>
    public static AccelerationChoice Decide(Acceleration wanted, MachineVirtualization machine)
    {
        ArgumentNullException.ThrowIfNull(machine);
        var obstacle = machine.Obstacle;
        return wanted switch
        {
            Acceleration.Tcg => new(false, "TCG emulation, as the box asks."),
            Acceleration.Kvm when obstacle is null => new(true, "KVM with nested virtualization, as the box asks."),
            Acceleration.Kvm => throw new LabException(LabFault.Configuration,
                $"The box asks for accel 'kvm', but {obstacle}. Set accel to 'tcg' or 'auto' in lab-config, or use a machine with nested virtualization."),
            _ when obstacle is null => new(true, $"KVM: this machine's {machine.Module} offers nested virtualization."),
            _ => new(false, $"TCG emulation: {obstacle}."),
        };
    }
}
