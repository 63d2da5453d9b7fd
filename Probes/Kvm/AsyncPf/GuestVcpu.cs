using HvLab.GuestAgents.Payloads.Kvm;
using HvLab.Probes.Native.Kvm;
using HvLab.Reference;

namespace HvLab.Probes.Kvm.AsyncPf;

/// <summary>What a vCPU was last told to do and has not finished.</summary>
internal enum Pending { Nothing, Touch, Halt, Idle, Poll, WriteMsr, ReadMsr, Plain }

/// <summary>One vCPU as the probe's bookkeeping sees it.</summary>
internal sealed class GuestVcpu(int index, VcpuThread thread)
{
    private const ulong FlagsAlwaysSet = 2, InterruptFlag = 0x200;
    private const int OutInstructionLength = 2;

    public int Index => index;
    public VcpuThread Thread => thread;
    public Pending Pending { get; set; }
    public Gfn Page { get; set; }
    /// <summary>A READY handler that reported and has not returned: its registers.</summary>
    public KvmRegs? Suspended { get; set; }
    /// <summary>The guest was told a token that it has not cleared.</summary>
    public bool Told { get; set; }
    /// <summary>The vCPU's thread waits for this page.</summary>
    public Gfn? AtPager { get; set; }
    /// <summary>Exits counted when the vCPU was last seen at rest inside KVM.</summary>
    public ulong RestExits { get; set; } = ulong.MaxValue;
    /// <summary>Address of the shared area in guest memory; 0 before the first enabling.</summary>
    public ulong SharedArea { get; set; }

    /// <summary>Begins a routine in the kernel, below whatever the stack holds.</summary>
    public void Call(ulong routine, ulong rdi = 0, ulong rsi = 0, bool interrupts = false)
    {
        const ulong redZone = 256;
        var stack = Suspended is { } suspended ? suspended.Rsp - redZone : AsyncPfMemoryMap.KernelStackTop(index);
        Begin(new() { Rip = routine, Rdi = rdi, Rsi = rsi, Rsp = stack & ~0xful, Rflags = Flags(interrupts) });
    }

    /// <summary>Begins a routine at CPL 3.</summary>
    public void CallUser(ulong enterUser, ulong routine, ulong rdi, ulong rsi, bool interrupts) =>
        Begin(new()
        {
            Rip = enterUser, Rdi = rdi, Rsi = rsi, Rsp = AsyncPfMemoryMap.KernelStackTop(index), Rflags = FlagsAlwaysSet,
            R8 = routine, R9 = Flags(interrupts), R10 = AsyncPfMemoryMap.UserStackTop(index),
        });

    /// <summary>Lets the suspended handler return to what it interrupted.</summary>
    public void ReturnFromHandler()
    {
        var regs = Suspended!.Value;
        regs.Rip += OutInstructionLength;
        Suspended = null;
        Begin(regs);
    }

    private void Begin(KvmRegs regs)
    {
        RestExits = ulong.MaxValue;
        thread.Start(regs);
    }

    private static ulong Flags(bool interrupts) => FlagsAlwaysSet | (interrupts ? InterruptFlag : 0);
}
