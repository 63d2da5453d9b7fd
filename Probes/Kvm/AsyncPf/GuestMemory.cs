using HvLab.GuestAgents.Payloads.Kvm;
using HvLab.Probes.Native.Kvm;
using HvLab.Probes.Native.Linux;

namespace HvLab.Probes.Kvm.AsyncPf;

/// <summary>RAM that is always there, with the guest in it, and the memory under the pager.</summary>
internal sealed class GuestMemory : IDisposable
{
    private const uint RamSlot = 0, PagedSlot = 1;
    private const ulong Present = 1, Writable = 2, User = 4, LargePage = 0x80;
    private const ulong LargePageSize = 2 << 20;

    private static readonly KvmSegment s_code = new() { Limit = uint.MaxValue, Selector = AsyncPfMemoryMap.KernelCode, Type = 11, Present = 1, S = 1, L = 1, G = 1 };
    private static readonly KvmSegment s_data = s_code with { Selector = AsyncPfMemoryMap.KernelData, Type = 3, L = 0, Db = 1 };

    private readonly MemoryMapping _ram = MemoryMapping.Anonymous((nuint)AsyncPfMemoryMap.PagedStart);

    public GuestMemory() => Fill();

    public MemoryMapping Paged { get; } = MemoryMapping.Anonymous((nuint)(AsyncPfMemoryMap.RamEnd - AsyncPfMemoryMap.PagedStart));

    public void AttachTo(KvmVm vm)
    {
        vm.SetMemory(RamSlot, 0, _ram.Length, _ram.Address);
        vm.SetMemory(PagedSlot, AsyncPfMemoryMap.PagedStart, Paged.Length, Paged.Address);
    }

    public static void RemovePagedSlot(KvmVm vm) => vm.SetMemory(PagedSlot, AsyncPfMemoryMap.PagedStart, 0, 0);

    /// <summary>Long mode at CPL 0, identity-mapped, as the payload expects it; the LAPIC in x2APIC mode.</summary>
    public static KvmSregs InitialState(KvmSregs reset, int vcpu)
    {
        const ulong lapicEnabled = 1 << 11, x2apic = 1 << 10;
        var tss = new KvmSegment { Base = AsyncPfMemoryMap.Tss(vcpu), Limit = 0x67, Selector = AsyncPfMemoryMap.TssSelector(vcpu), Type = 11, Present = 1 };
        return AtKernel(reset) with
        {
            Ds = s_data, Es = s_data, Fs = s_data, Tr = tss,
            Gs = s_data with { Base = AsyncPfMemoryMap.PerVcpu(vcpu) },
            Gdt = new() { Base = AsyncPfMemoryMap.Gdt, Limit = AsyncPfMemoryMap.GdtLength - 1 },
            Idt = new() { Base = AsyncPfMemoryMap.Idt, Limit = (256 * 16) - 1 },
            Cr0 = 0x8005_0033, // PG AM WP NE ET MP PE
            Cr3 = AsyncPfMemoryMap.PageTables,
            Cr4 = 0x20, // PAE
            Efer = 0x500, // LMA LME
            ApicBase = reset.ApicBase | lapicEnabled | x2apic,
        };
    }

    /// <summary>The same at CPL 0.</summary>
    public static KvmSregs AtKernel(KvmSregs now) => now with { Cs = s_code, Ss = s_data };

    public void Write(ulong address, ReadOnlySpan<byte> bytes) => bytes.CopyTo(_ram.Bytes(address, bytes.Length));
    public void Write(ulong address, ulong word) => BitConverter.TryWriteBytes(_ram.Bytes(address, sizeof(ulong)), word);

    /// <summary>Everything that a guest or its pager wrote is gone. The guest's own pages stay mapped: finding ten of them
    /// missing again would cost it ten exits.</summary>
    public void Renew()
    {
        _ram.Bytes(0, (int)AsyncPfMemoryMap.OwnEnd).Clear();
        _ram.Discard(AsyncPfMemoryMap.OwnEnd, _ram.Length - (nuint)AsyncPfMemoryMap.OwnEnd);
        Paged.Discard(0, Paged.Length);
        Fill();
    }

    public void Dispose()
    {
        _ram.Dispose();
        Paged.Dispose();
    }

    private void Fill()
    {
        var payload = AsyncPfPayload.Shared;
        Write(AsyncPfMemoryMap.Code, payload.Code);
        Write(AsyncPfMemoryMap.Idt, payload.Idt);
        WritePageTables();
        WriteDescriptors();
    }

    private void WritePageTables()
    {
        const ulong top = AsyncPfMemoryMap.PageTables, middle = top + 0x1000, bottom = top + 0x2000, access = Present | Writable | User;
        Write(top, middle | access);
        Write(middle, bottom | access);
        for (ulong page = 0; page * LargePageSize < AsyncPfMemoryMap.RamEnd; page++)
            Write(bottom + (page * 8), (page * LargePageSize) | access | LargePage);
    }

    private void WriteDescriptors()
    {
        Write(AsyncPfMemoryMap.Gdt + AsyncPfMemoryMap.KernelCode, 0x00af_9b00_0000_ffff);
        Write(AsyncPfMemoryMap.Gdt + AsyncPfMemoryMap.KernelData, 0x00cf_9300_0000_ffff);
        Write(AsyncPfMemoryMap.Gdt + (AsyncPfMemoryMap.UserCode & ~3u), 0x00af_fb00_0000_ffff);
        Write(AsyncPfMemoryMap.Gdt + (AsyncPfMemoryMap.UserData & ~3u), 0x00cf_f300_0000_ffff);
        const ulong stackPointer0 = 4;
        for (var vcpu = 0; vcpu < AsyncPfMemoryMap.Vcpus; vcpu++)
            Write(AsyncPfMemoryMap.Tss(vcpu) + stackPointer0, AsyncPfMemoryMap.KernelStackTop(vcpu));
    }
}
