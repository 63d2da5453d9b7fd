using HvLab.Reference;
using HvLab.Reference.Kvm;

namespace HvLab.GuestAgents.Payloads.Kvm;

/// <summary>Where everything of the async-page-fault guest stands in guest-physical memory. Bytes, identity-mapped.</summary>
public static class AsyncPfMemoryMap
{
    /// <summary>vCPUs that there is room for.</summary>
    public const int Vcpus = 2;
    public const ulong Code = 0x1000;
    public const ulong Gdt = 0x4000;
    public const ulong Idt = 0x6000;
    public const ulong PageTables = 0x10000;

    /// <summary>The guest's own code, tables and stacks end below this.</summary>
    public const ulong OwnEnd = 0x40000;
    /// <summary>RAM that is always there: [0, PagedStart).</summary>
    public static ulong PagedStart => AsyncPfGuest.FirstPaged.Start.Value;
    /// <summary>Memory under the pager: [PagedStart, RamEnd).</summary>
    public static ulong RamEnd => PagedStart + (AsyncPfGuest.PagedCount * (ulong)Gfn.PageSize);

    /// <summary>A vCPU's private words, which GS points at: offset 0 holds the address of its shared area.</summary>
    public static ulong PerVcpu(int vcpu) => 0x5000 + ((ulong)vcpu * 0x100);
    public static ulong Tss(int vcpu) => 0x5800 + ((ulong)vcpu * 0x80);
    public static ulong KernelStackTop(int vcpu) => 0x24000 + ((ulong)vcpu * 0x4000);
    public static ulong UserStackTop(int vcpu) => 0x34000 + ((ulong)vcpu * 0x4000);

    /// <summary>In a paged page: offset of the word that says which page it is, and of the one that the guest may write.
    /// Both lie behind any shared area at the page's begin.</summary>
    public const int PageWord = 0x108, PageScratch = 0x110;

    public const ushort KernelCode = 0x08, KernelData = 0x10, UserCode = 0x18 | 3, UserData = 0x20 | 3;
    public static ushort TssSelector(int vcpu) => (ushort)(0x30 + (vcpu * 0x10));
    public const int GdtLength = 0x60;
}
