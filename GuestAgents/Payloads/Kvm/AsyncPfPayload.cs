using HvLab.Reference.Kvm;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace HvLab.GuestAgents.Payloads.Kvm;

/// <summary>How the guest tells the VMM something: an OUT to this port, with values in registers.</summary>
public enum GuestReport : ushort
{
    /// <summary>The routine is finished; RAX is its result.</summary>
    Finished = 0x10,
    /// <summary>#PF: RBX = CR2, RCX = flags of the shared area (cleared since), RDX = error code. The access is abandoned.</summary>
    PageFault = 0x11,
    /// <summary>An interrupt: RBX = token in the slot (left there), RDX = vector. Running on returns from it.</summary>
    Interrupt = 0x12,
    GeneralProtection = 0x13,
    /// <summary>An exception that no routine expects: RDX = vector.</summary>
    Unexpected = 0x14,
}

/// <summary>
/// The guest: a handful of routines that the VMM calls by setting RIP, and the handlers that report what happened.
/// Arguments: RDI, RSI. The VMM is the scheduler: a task that must wait is a routine that is called again later.
/// </summary>
public sealed class AsyncPfPayload
{
    public required byte[] Code { get; init; }
    public required byte[] Idt { get; init; }
    /// <summary>Reads the word of the page at RDI.</summary>
    public required ulong Read { get; init; }
    /// <summary>Writes RSI into the page at RDI, then reads its word.</summary>
    public required ulong Write { get; init; }
    /// <summary>Calls RDI (whose page begins with RET), then reads its word.</summary>
    public required ulong Fetch { get; init; }
    /// <summary>Goes to CPL 3: R8 = RIP, R9 = RFLAGS, R10 = RSP.</summary>
    public required ulong EnterUser { get; init; }
    /// <summary>RDI = index; the value is the result.</summary>
    public required ulong ReadMsr { get; init; }
    /// <summary>RDI = index, RSI = value.</summary>
    public required ulong WriteMsr { get; init; }
    /// <summary>Clears the token where RDI is not 0, then acknowledges.</summary>
    public required ulong Acknowledge { get; init; }
    public required ulong Halt { get; init; }
    /// <summary>RDI exits that KVM handles by itself.</summary>
    public required ulong Poll { get; init; }
    public required ulong LapicOn { get; init; }
    public required ulong LapicSoftwareOff { get; init; }
    public required ulong LapicHardwareOff { get; init; }

    /// <summary>The one payload; assembling it takes milliseconds under emulation.</summary>
    public static AsyncPfPayload Shared => s_shared.Value;
    private static readonly Lazy<AsyncPfPayload> s_shared = new(Assemble);

    private const byte SystemCall = 0x80;

    private static AsyncPfPayload Assemble()
    {
        var a = new Assembler(64);
        Label read = Here(a);
        a.mov(rax, __qword_ptr[rdi + AsyncPfMemoryMap.PageWord]);
        a.@int(SystemCall);

        Label write = Here(a);
        a.mov(__qword_ptr[rdi + AsyncPfMemoryMap.PageScratch], rsi);
        a.mov(rax, __qword_ptr[rdi + AsyncPfMemoryMap.PageWord]);
        a.@int(SystemCall);

        Label fetch = Here(a);
        a.call(rdi);
        a.mov(rax, __qword_ptr[rdi + AsyncPfMemoryMap.PageWord]);
        a.@int(SystemCall);

        Label enterUser = Here(a);
        a.push(AsyncPfMemoryMap.UserData);
        a.push(r10);
        a.push(r9);
        a.push(AsyncPfMemoryMap.UserCode);
        a.push(r8);
        a.iretq();

        Label readMsr = Here(a);
        a.mov(ecx, edi);
        a.rdmsr();
        a.shl(rdx, 32);
        a.or(rax, rdx);
        a.@int(SystemCall);

        Label writeMsr = Here(a);
        a.mov(ecx, edi);
        a.mov(eax, esi);
        a.mov(rdx, rsi);
        a.shr(rdx, 32);
        a.wrmsr();
        a.@int(SystemCall);

        var keepToken = a.CreateLabel();
        Label acknowledge = Here(a);
        a.test(rdi, rdi);
        a.je(keepToken);
        a.mov(rax, __qword_ptr.gs[0]);
        a.mov(__dword_ptr[rax + 4], 0);
        a.Label(ref keepToken);
        WriteMsrTo(a, (uint)AsyncPfMsr.Acknowledge, 1);
        a.@int(SystemCall);

        Label halt = Here(a);
        a.hlt();
        a.@int(SystemCall);

        var again = a.CreateLabel();
        Label poll = Here(a);
        a.Label(ref again);
        a.xor(eax, eax);
        a.cpuid();
        a.dec(rdi);
        a.jne(again);
        a.@int(SystemCall);

        var (lapicOn, lapicSoftwareOff, lapicHardwareOff) = AssembleLapic(a);
        var (finished, pageFault, protection, unexpected, interrupts) = AssembleHandlers(a);

        using var code = new MemoryStream();
        var assembled = a.Assemble(new StreamCodeWriter(code), AsyncPfMemoryMap.Code, BlockEncoderOptions.ReturnNewInstructionOffsets);
        ulong At(Label label) => assembled.GetLabelRIP(label);

        var idt = new byte[256 * 16];
        for (var vector = 0; vector < 256; vector++)
            WriteGate(idt, vector, vector switch
            {
                13 => At(protection),
                14 => At(pageFault),
                SystemCall => At(finished),
                _ => At(vector < 32 ? unexpected[vector] : interrupts[vector]),
            }, userMayCall: vector == SystemCall);

        return new()
        {
            Code = code.ToArray(), Idt = idt,
            Read = At(read), Write = At(write), Fetch = At(fetch), EnterUser = At(enterUser),
            ReadMsr = At(readMsr), WriteMsr = At(writeMsr), Acknowledge = At(acknowledge), Halt = At(halt), Poll = At(poll),
            LapicOn = At(lapicOn), LapicSoftwareOff = At(lapicSoftwareOff), LapicHardwareOff = At(lapicHardwareOff),
        };
    }

    private static (Label On, Label SoftwareOff, Label HardwareOff) AssembleLapic(Assembler a)
    {
        const uint apicBase = 0x1b, spuriousVector = 0x80f;
        const int enabled = 1 << 11, x2apic = 1 << 10;

        // Off to x2APIC goes by way of xAPIC mode (Intel SDM 3A, 11.12.5).
        Label on = Here(a);
        a.mov(ecx, apicBase);
        a.rdmsr();
        a.or(eax, enabled);
        a.wrmsr();
        a.or(eax, x2apic);
        a.wrmsr();
        WriteMsrTo(a, spuriousVector, 0x1ff);
        a.@int(SystemCall);

        Label softwareOff = Here(a);
        WriteMsrTo(a, spuriousVector, 0xff);
        a.@int(SystemCall);

        Label hardwareOff = Here(a);
        a.mov(ecx, apicBase);
        a.rdmsr();
        a.and(eax, ~(enabled | x2apic));
        a.wrmsr();
        a.@int(SystemCall);
        return (on, softwareOff, hardwareOff);
    }

    private static (Label Finished, Label PageFault, Label Protection, Label[] Unexpected, Label[] Interrupts) AssembleHandlers(Assembler a)
    {
        Label finished = Here(a);
        Report(a, GuestReport.Finished);

        var noArea = a.CreateLabel();
        Label pageFault = Here(a);
        a.pop(rdx);
        a.mov(rbx, cr2);
        a.xor(ecx, ecx);
        a.mov(rax, __qword_ptr.gs[0]);
        a.test(rax, rax);
        a.je(noArea);
        a.mov(ecx, __dword_ptr[rax]);
        a.mov(__dword_ptr[rax], 0);
        a.Label(ref noArea);
        Report(a, GuestReport.PageFault);

        Label protection = Here(a);
        Report(a, GuestReport.GeneralProtection);

        var anyException = a.CreateLabel();
        var unexpected = new Label[32];
        for (var vector = 0; vector < 32; vector++)
        {
            unexpected[vector] = Here(a);
            a.mov(edx, vector);
            a.jmp(anyException);
        }
        a.Label(ref anyException);
        Report(a, GuestReport.Unexpected);

        var anyInterrupt = a.CreateLabel();
        var interrupts = new Label[256];
        for (var vector = 32; vector < 256; vector++)
        {
            interrupts[vector] = Here(a);
            a.push(vector);
            a.jmp(anyInterrupt);
        }
        a.Label(ref anyInterrupt);
        a.push(rax);
        a.push(rbx);
        a.push(rcx);
        a.push(rdx);
        WriteMsrTo(a, 0x80b, 0); // end of interrupt, before the report: the VMM may never let this handler return
        a.mov(rax, __qword_ptr.gs[0]);
        a.mov(ebx, __dword_ptr[rax + 4]);
        a.mov(rdx, __qword_ptr[rsp + 32]);
        Report(a, GuestReport.Interrupt);
        a.pop(rdx);
        a.pop(rcx);
        a.pop(rbx);
        a.pop(rax);
        a.add(rsp, 8);
        a.iretq();
        return (finished, pageFault, protection, unexpected, interrupts);
    }

    private static Label Here(Assembler a)
    {
        var label = a.CreateLabel();
        a.Label(ref label);
        a.nop(); // Iced allows one label an instruction
        return label;
    }

    private static void Report(Assembler a, GuestReport report) => a.@out((byte)report, al);

    private static void WriteMsrTo(Assembler a, uint index, int value)
    {
        a.mov(ecx, index);
        a.mov(eax, value);
        a.xor(edx, edx);
        a.wrmsr();
    }

    private static void WriteGate(byte[] idt, int vector, ulong target, bool userMayCall)
    {
        var gate = idt.AsSpan(vector * 16, 16);
        BitConverter.TryWriteBytes(gate, (ushort)target);
        BitConverter.TryWriteBytes(gate[2..], AsyncPfMemoryMap.KernelCode);
        gate[5] = userMayCall ? (byte)0xee : (byte)0x8e;
        BitConverter.TryWriteBytes(gate[6..], (ushort)(target >> 16));
        BitConverter.TryWriteBytes(gate[8..], (uint)(target >> 32));
    }
}
