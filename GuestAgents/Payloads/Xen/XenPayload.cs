using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace HvLab.GuestAgents.Payloads.Xen;

/// <summary>
/// The micro-guest of Xen scenarios, in 64-bit mode: every vCPU waits for commands in its mailbox (RBX) and carries them out.
/// While it waits it yields, so that one physical CPU serves many vCPUs. An exception ends the command that raised it.
/// </summary>
public sealed class XenPayload
{
    private const int SchedOp = 29; // __HYPERVISOR_sched_op; SCHEDOP_yield is 0

    public required byte[] Code { get; init; }
    public required byte[] FlatCode { get; init; }
    public required byte[] Idt { get; init; }
    public required byte[] Gdt { get; init; }
    /// <summary>Pages at <see cref="XenMemoryMap.PageTables"/>: identity in 2 MiB pages for the first gigabyte, and an empty window behind.</summary>
    public required byte[] PageTables { get; init; }

    /// <param name="intel">Intel CPUs call with VMCALL, others with VMMCALL.</param>
    public static XenPayload For(bool intel) => intel ? s_intel.Value : s_amd.Value;

    private static readonly Lazy<XenPayload> s_intel = new(() => Assemble(intel: true));
    private static readonly Lazy<XenPayload> s_amd = new(() => Assemble(intel: false));

    private static XenPayload Assemble(bool intel)
    {
        var a = new Assembler(64);
        var (loop, done) = (a.CreateLabel(), a.CreateLabel());

        a.Label(ref loop);
        a.inc(__qword_ptr[rbx + XenMailbox.Ticks]);
        a.mov(eax, __dword_ptr[rbx + XenMailbox.Posted]);
        a.cmp(eax, __dword_ptr[rbx + XenMailbox.Done]);
        var work = a.CreateLabel();
        a.jne(work);
        a.mov(eax, SchedOp);
        a.xor(edi, edi);
        a.xor(esi, esi);
        Call(a, intel);
        a.jmp(loop);

        a.Label(ref work);
        a.mov(__dword_ptr[rbx + XenMailbox.Taken], eax);
        a.mov(__dword_ptr[rbx + XenMailbox.Outcome], 0);
        a.mov(r8, __qword_ptr[rbx + XenMailbox.Address]);
        a.mov(r9, __qword_ptr[rbx + XenMailbox.Value]);
        a.mov(r10, __qword_ptr[rbx + XenMailbox.Third]);
        a.mov(r11, __qword_ptr[rbx + XenMailbox.Fourth]);
        a.xor(eax, eax);
        a.cld();
        var backFromFlat = a.CreateLabel();
        foreach (var (command, emit) in Commands(intel).Append((XenCommand.FlatHypercall, FlatHypercall)))
        {
            var next = a.CreateLabel();
            a.cmp(__dword_ptr[rbx + XenMailbox.Command], (int)command);
            a.jne(next);
            emit(a);
            a.jmp(done);
            a.Label(ref next);
            a.nop(); // Iced allows one label an instruction
        }

        a.Label(ref done);
        a.mov(__qword_ptr[rbx + XenMailbox.Result], rax);
        a.mov(eax, __dword_ptr[rbx + XenMailbox.Taken]);
        a.mov(__dword_ptr[rbx + XenMailbox.Done], eax);
        a.jmp(loop);

        // Goes to 32-bit mode with the arguments in its registers, and comes back with the result in ESI.
        void FlatHypercall(Assembler a)
        {
            a.push(rbx);
            a.mov(eax, r8d);
            a.mov(ebx, r9d);
            a.mov(ecx, r10d);
            a.mov(edx, r11d);
            a.push(XenMemoryMap.FlatCodeSelector);
            a.push((int)XenMemoryMap.FlatCode);
            a.AddInstruction(Instruction.Create(Iced.Intel.Code.Retfq));
            a.Label(ref backFromFlat);
            a.movsxd(rax, esi);
            a.pop(rbx);
        }

        var handlers = Handlers(a, done);
        using var code = new MemoryStream();
        var assembled = a.Assemble(new StreamCodeWriter(code), XenMemoryMap.Code, BlockEncoderOptions.ReturnNewInstructionOffsets);
        var idt = new byte[XenMemoryMap.IdtLength];
        for (var vector = 0; vector < handlers.Length; vector++)
            WriteGate(idt, vector, assembled.GetLabelRIP(handlers[vector]));
        return new() { Code = code.ToArray(), FlatCode = AssembleFlat(intel, assembled.GetLabelRIP(backFromFlat)), Idt = idt, Gdt = Descriptors(), PageTables = IdentityTables() };
    }

    private static IEnumerable<(XenCommand Command, Action<Assembler> Emit)> Commands(bool intel) =>
    [
        (XenCommand.Read8, a => a.movzx(eax, __byte_ptr[r8])),
        (XenCommand.Read16, a => a.movzx(eax, __word_ptr[r8])),
        (XenCommand.Read32, a => a.mov(eax, __dword_ptr[r8])),
        (XenCommand.Read64, a => a.mov(rax, __qword_ptr[r8])),
        (XenCommand.Write8, a => a.mov(__byte_ptr[r8], r9b)),
        (XenCommand.Write16, a => a.mov(__word_ptr[r8], r9w)),
        (XenCommand.Write32, a => a.mov(__dword_ptr[r8], r9d)),
        (XenCommand.Write64, a => a.mov(__qword_ptr[r8], r9)),
        (XenCommand.Add64, a => { a.mov(rax, r9); a.@lock.xadd(__qword_ptr[r8], rax); }),
        (XenCommand.Add32, a => a.@lock.add(__dword_ptr[r8], r9d)),
        (XenCommand.Fetch, a => a.call(r8)),
        (XenCommand.CopyBytes, a => { Strings(a); a.rep.movsb(); }),
        (XenCommand.CopyWords, a => { Strings(a); a.rep.movsq(); }),
        (XenCommand.FillBytes, a => { a.mov(rdi, r8); a.mov(rax, r9); a.mov(rcx, r10); a.rep.stosb(); }),
        (XenCommand.Hypercall, a => { a.mov(rax, r8); a.mov(rdi, r9); a.mov(rsi, r10); a.mov(rdx, r11); Call(a, intel); }),
        (XenCommand.Out32, a => { a.mov(rdx, r8); a.mov(eax, r9d); a.@out(dx, eax); }),
        (XenCommand.In32, a => { a.mov(rdx, r8); a.@in(eax, dx); }),
        (XenCommand.StorePages, StorePages),
        (XenCommand.FlushTlb, a => { a.mov(rcx, cr3); a.mov(cr3, rcx); }),
        (XenCommand.Cpuid, Cpuid),
        (XenCommand.Halt, a => { a.cli(); a.hlt(); }),
    ];

    /// <summary>The hypercall of <see cref="XenCommand.FlatHypercall"/>: arguments in their registers, the result in ESI.</summary>
    private static byte[] AssembleFlat(bool intel, ulong back)
    {
        const uint paging = 0x8000_0000;
        var a = new Assembler(32);
        a.mov(esi, eax);
        a.mov(eax, cr0);
        a.and(eax, ~paging);
        a.mov(cr0, eax);
        a.mov(eax, esi);
        Call(a, intel);
        a.mov(esi, eax);
        a.mov(eax, cr0);
        a.or(eax, paging);
        a.mov(cr0, eax);
        a.jmp(XenMemoryMap.CodeSelector, (uint)back);
        using var code = new MemoryStream();
        a.Assemble(new StreamCodeWriter(code), XenMemoryMap.FlatCode);
        return code.ToArray();
    }

    private static void Call(Assembler a, bool intel)
    {
        if (intel)
            a.vmcall();
        else
            a.vmmcall();
    }

    private static void Strings(Assembler a)
    {
        a.mov(rsi, r8);
        a.mov(rdi, r9);
        a.mov(rcx, r10);
    }

    private static void StorePages(Assembler a)
    {
        var again = a.CreateLabel();
        a.mov(__qword_ptr[rbx + XenMailbox.Result], rax);
        a.Label(ref again);
        a.mov(__dword_ptr[r8], r9d);
        a.add(r8, 0x1000);
        a.inc(__qword_ptr[rbx + XenMailbox.Result]);
        a.mov(rax, __qword_ptr[rbx + XenMailbox.Result]);
        a.cmp(rax, __qword_ptr[rbx + XenMailbox.Third]); // read anew: who asked may want fewer by now
        a.jb(again);
    }

    private static void Cpuid(Assembler a)
    {
        a.mov(r12, rbx);
        a.mov(eax, r8d);
        a.xor(ecx, ecx);
        a.cpuid();
        a.shl(rbx, 32);
        a.or(rax, rbx);
        a.mov(rbx, r12);
    }

    /// <summary>One a vector: reports it in the mailbox, forgets what was interrupted, and ends the command.</summary>
    private static Label[] Handlers(Assembler a, Label done)
    {
        var common = a.CreateLabel();
        var handlers = new Label[32];
        for (var vector = 0; vector < 32; vector++)
        {
            handlers[vector] = a.CreateLabel();
            a.Label(ref handlers[vector]);
            if (vector is not (8 or 10 or 11 or 12 or 13 or 14 or 17 or 21 or 29 or 30))
                a.push(0); // no error code of its own
            else
                a.nop();
            a.mov(ecx, (int)XenMailbox.Fault + vector);
            a.jmp(common);
        }
        a.Label(ref common);
        a.mov(__dword_ptr[rbx + XenMailbox.Outcome], ecx);
        a.pop(rax);
        a.mov(__qword_ptr[rbx + XenMailbox.ErrorCode], rax);
        a.mov(rax, cr2);
        a.mov(__qword_ptr[rbx + XenMailbox.Cr2], rax);
        a.pop(rax);
        a.mov(__qword_ptr[rbx + XenMailbox.Rip], rax);
        a.mov(rsp, rbp); // where every command begins
        a.xor(eax, eax);
        a.jmp(done);
        return handlers;
    }

    private static void WriteGate(byte[] idt, int vector, ulong target)
    {
        var gate = idt.AsSpan(vector * 16, 16);
        BitConverter.TryWriteBytes(gate, (ushort)target);
        BitConverter.TryWriteBytes(gate[2..], XenMemoryMap.CodeSelector);
        gate[5] = 0x8e;
        BitConverter.TryWriteBytes(gate[6..], (ushort)(target >> 16));
    }

    private static byte[] Descriptors()
    {
        var gdt = new byte[XenMemoryMap.GdtLength];
        BitConverter.TryWriteBytes(gdt.AsSpan(XenMemoryMap.CodeSelector), 0x00af_9b00_0000_fffful);
        BitConverter.TryWriteBytes(gdt.AsSpan(XenMemoryMap.DataSelector), 0x00cf_9300_0000_fffful);
        BitConverter.TryWriteBytes(gdt.AsSpan(XenMemoryMap.FlatCodeSelector), 0x00cf_9b00_0000_fffful);
        return gdt;
    }

    private static byte[] IdentityTables()
    {
        const ulong table = 7, largePage = table | 0x80;
        var pages = new byte[4 * 0x1000];
        void Put(int page, int index, ulong entry) => BitConverter.TryWriteBytes(pages.AsSpan((page * 0x1000) + (index * 8)), entry);
        Put(0, 0, (XenMemoryMap.PageTables + 0x1000) | table);
        Put(1, 0, (XenMemoryMap.PageTables + 0x2000) | table);
        Put(1, 1, XenMemoryMap.WindowDirectory | table);
        for (var index = 0; index < 512; index++)
            Put(2, index, ((ulong)index << 21) | largePage);
        return pages;
    }
}
