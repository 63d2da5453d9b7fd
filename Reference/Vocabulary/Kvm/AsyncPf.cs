namespace HvLab.Reference.Kvm;

/// <summary>
/// KVM's asynchronous page faults as a guest, its pager and its VMM can drive them.
/// The model answers with what is allowed, the probe with what was seen.
/// </summary>
/// <remarks>
/// An operation that leaves its vCPU inside KVM (asleep, or waiting for the pager) is finished by <see cref="Await"/>.
/// READY handlers report the token and leave it in the slot: only <see cref="Acknowledge"/> clears it.
/// </remarks>
public interface IAsyncPf<out TAnswer>
{
    /// <summary>The guest writes an MSR with interrupts masked.</summary>
    TAnswer WriteMsr(VcpuId vcpu, AsyncPfMsr msr, ulong value);
    /// <summary>The guest reads an MSR with interrupts masked.</summary>
    TAnswer ReadMsr(VcpuId vcpu, AsyncPfMsr msr);
    /// <summary>The guest makes one access to a page in the given mode.</summary>
    TAnswer Touch(VcpuId vcpu, Gfn page, Access access, GuestMode mode);
    /// <summary>The guest halts with interrupts enabled.</summary>
    TAnswer Halt(VcpuId vcpu);
    /// <summary>The guest runs for a while with interrupts enabled, leaving and entering guest mode many times.</summary>
    TAnswer Poll(VcpuId vcpu);
    /// <summary>The guest idles: it halts, and halts again after a wake-up without an interrupt, until a READY comes.</summary>
    TAnswer Idle(VcpuId vcpu);
    /// <summary>Lets a vCPU whose operation is unfinished go on until it has something to say.</summary>
    TAnswer Await(VcpuId vcpu);
    /// <summary>The guest clears the token that it was told of, if any, and then writes 1 to the acknowledge MSR.</summary>
    TAnswer Acknowledge(VcpuId vcpu);
    /// <summary>The guest switches its local APIC on or off.</summary>
    TAnswer SetLapic(VcpuId vcpu, Lapic state);
    /// <summary>The pager waits until somebody has asked for the page, and supplies nothing yet.</summary>
    TAnswer AwaitRequest(Gfn page);
    /// <summary>The pager waits until somebody has asked for the page, and supplies it.</summary>
    TAnswer Supply(Gfn page);
    /// <summary>The pager takes the page away, so that the next access misses.</summary>
    TAnswer Evict(Gfn page);
    /// <summary>The VMM removes the memslot that holds the paged memory.</summary>
    TAnswer RemoveMemslot();
    /// <summary>The VMM saves the vCPU's registers and MSRs and restores them into a new vCPU of a new VM over the same memory.</summary>
    TAnswer MoveToNewVm();
    /// <summary>The VMM closes the VM; the pager stays.</summary>
    TAnswer DestroyVm();
    /// <summary>The VMM waits for a destruction that had to wait, and counts what is left.</summary>
    TAnswer AwaitDestroyed();
}

/// <summary>The paravirtual MSRs, Documentation/virt/kvm/x86/msr.rst.</summary>
public enum AsyncPfMsr : uint
{
    Enable = 0x4b564d02,
    Interrupt = 0x4b564d06,
    Acknowledge = 0x4b564d07,
}

/// <summary>Bits of <see cref="AsyncPfMsr.Enable"/>; bits 63-6 hold the 64-byte aligned address of the shared area.</summary>
public static class AsyncPfEnable
{
    public const ulong Enabled = 1;
    public const ulong SendAlways = 2;
    public const ulong DeliveryAsVmexit = 4;
    public const ulong DeliveryAsInterrupt = 8;
    public const ulong Reserved = 0x30;
    public const ulong AddressMask = ~0x3ful;
}

public enum Access { Read, Write, Fetch }

/// <summary>The guest that every plan runs on: where its memory ends and what is under the pager.</summary>
public static class AsyncPfGuest
{
    /// <summary>First page under the pager; everything below is RAM that is always there.</summary>
    public static Gfn FirstPaged => new(0x600);
    /// <summary>Pages under the pager; RAM ends behind them.</summary>
    public const int PagedCount = 96;
    /// <summary>The shared area that a vCPU uses unless a plan chooses another.</summary>
    public static Gpa SharedArea(VcpuId vcpu) => new(0x7000 + ((ulong)vcpu.Value * 0x1000));
}

/// <summary>Privilege level and interrupt flag of an access.</summary>
/// <param name="User">True for CPL 3, false for CPL 0.</param>
/// <param name="Interrupts">RFLAGS.IF.</param>
public readonly record struct GuestMode(bool User, bool Interrupts)
{
    public static GuestMode Kernel => new(User: false, Interrupts: true);
    public static GuestMode KernelMasked => new(User: false, Interrupts: false);
    public static GuestMode UserSpace => new(User: true, Interrupts: true);
    public override string ToString() => (User ? "CPL 3" : "CPL 0") + (Interrupts ? "" : ", interrupts masked");
}

/// <summary>How the guest left its local APIC.</summary>
public enum Lapic
{
    /// <summary>x2APIC mode, software-enabled.</summary>
    On,
    /// <summary>Bit 8 of the spurious-interrupt vector register is clear.</summary>
    SoftwareOff,
    /// <summary>Bit 11 of IA32_APIC_BASE is clear.</summary>
    HardwareOff,
}

/// <summary>Identifies one outstanding fault between "not present" and "ready"; KVM chooses it.</summary>
public readonly record struct Token(uint Value)
{
    public static Token None => new(0);
    /// <summary>READY for everything: "broadcast wakeup", arch/x86/kvm/x86.c kvm_arch_async_page_present.</summary>
    public static Token Broadcast => new(uint.MaxValue);
    public override string ToString() => this == Broadcast ? "broadcast" : $"token 0x{Value:x}";
}
