using HvLab.Probes.Wire;

namespace HvLab.Probes.Kvm.AsyncPf;

/// <summary>
/// QEMU's TCG now and then leaves the host's registers in a guest's VMCB: one scenario in some thousand. KVM then enters the
/// guest just behind its own VMRUN, which no page table of the guest maps, emulates, injects #PF, and so on for ever (its trace
/// event kvm_entry shows it); or the guest shuts down.
/// </summary>
internal static class LostGuest
{
    private const ulong UpperHalf = 0xffff_8000_0000_0000;

    /// <summary>True for an address where no guest of ours has anything.</summary>
    public static bool IsAt(ulong rip) => rip >= UpperHalf;

    public static EmulatorFaultException At(int vcpu, ulong rip) =>
        new($"QEMU's TCG put the host's registers into a guest: its vCPU {vcpu} is at 0x{rip:x}, an address of the host's kernel.");

    /// <summary>Weaker evidence than an address, so a guest that does it twice remains an Error.</summary>
    public static EmulatorFaultException ShutDown(int vcpu) =>
        new($"vCPU {vcpu} shut down, and it has a handler for every exception: QEMU's TCG is known to lose a guest's state that way.");
}
