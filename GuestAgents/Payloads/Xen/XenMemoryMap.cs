namespace HvLab.GuestAgents.Payloads.Xen;

/// <summary>Where everything of the Xen micro-guest stands in guest-physical memory, in bytes. RAM is identity-mapped in 2 MiB pages.</summary>
public static class XenMemoryMap
{
    public const ulong Code = 0x1000;
    /// <summary>The part of the code that runs in 32-bit mode.</summary>
    public const ulong FlatCode = 0x3000;
    public const ulong Gdt = 0x4000;
    public const ulong Idt = 0x5000;
    public const ulong PageTables = 0x10000;

    /// <summary>The page directory of <see cref="Window"/>: its entries may point to page tables that a scenario chose.</summary>
    public const ulong WindowDirectory = PageTables + 0x3000;

    /// <summary>A gigabyte of linear addresses that nothing is mapped at until a scenario does so, through <see cref="WindowDirectory"/>.</summary>
    public const ulong Window = 1ul << 30;

    /// <summary>Where the last vCPU, the metronome, has Xen write what another vCPU is at.</summary>
    public const ulong RunState = 0x8000;

    /// <summary>Everything of the guest itself is below; a scenario's pages start here or above.</summary>
    public const ulong FirstFree = 0x20000;

    public const int MaxVcpus = 32;
    public const int MailboxSize = 0x100;
    public static ulong Mailbox(int vcpu) => 0x6000 + ((ulong)vcpu * MailboxSize);
    public static ulong StackTop(int vcpu) => 0x18000 + ((ulong)(vcpu + 1) * 0x400);

    public const ushort CodeSelector = 0x08, DataSelector = 0x10, FlatCodeSelector = 0x18;
    public const int GdtLength = 0x20;
    public const int IdtLength = 32 * 16;
}

/// <summary>Byte offsets in a vCPU's mailbox. All words are 64 bits unless said otherwise.</summary>
public static class XenMailbox
{
    /// <summary>32 bits; raised by one after a command was written.</summary>
    public const int Posted = 0x00;
    /// <summary>32 bits; the sequence number of the last command that is over.</summary>
    public const int Done = 0x04;
    /// <summary>32 bits, <see cref="XenCommand"/>.</summary>
    public const int Command = 0x08;
    /// <summary>32 bits: 0 finished, 0x100 + vector where an exception ended the command.</summary>
    public const int Outcome = 0x0c;
    public const int Address = 0x10, Value = 0x18, Third = 0x20, Fourth = 0x28;
    public const int Result = 0x30;
    /// <summary>What an exception left: error code (0 where it has none), CR2, RIP.</summary>
    public const int ErrorCode = 0x38, Cr2 = 0x40, Rip = 0x48;
    /// <summary>Counts the rounds that the vCPU waited for a command: proof that its physical CPU runs.</summary>
    public const int Ticks = 0x50;
    /// <summary>32 bits; the command's number as the guest took it. A command that is posted too early is not acknowledged by an older one.</summary>
    public const int Taken = 0x58;

    public const uint Fault = 0x100;
}

/// <summary>What a vCPU can be asked to do. A, V, T, F: the words Address, Value, Third, Fourth.</summary>
public enum XenCommand : uint
{
    None,
    /// <summary>Result = the 1, 2, 4 or 8 bytes at A.</summary>
    Read8, Read16, Read32, Read64,
    /// <summary>Writes the low 1, 2, 4 or 8 bytes of V to A.</summary>
    Write8, Write16, Write32, Write64,
    /// <summary>LOCK XADD of V to the 8 bytes at A; Result = what was there.</summary>
    Add64,
    /// <summary>LOCK ADD of V to the 4 bytes at A.</summary>
    Add32,
    /// <summary>CALL A; Result = RAX as the code there leaves it.</summary>
    Fetch,
    /// <summary>REP MOVSB: T bytes from A to V.</summary>
    CopyBytes,
    /// <summary>REP MOVSQ: T words from A to V.</summary>
    CopyWords,
    /// <summary>REP STOSB: T bytes of V to A.</summary>
    FillBytes,
    /// <summary>Hypercall A with arguments V, T, F; Result = what Xen returned.</summary>
    Hypercall,
    /// <summary>As <see cref="Hypercall"/>, made from 32-bit mode without paging: Xen takes 32-bit arguments at physical addresses.</summary>
    FlatHypercall,
    /// <summary>OUT of V to port A, 32 bits.</summary>
    Out32,
    /// <summary>Result = IN from port A, 32 bits.</summary>
    In32,
    /// <summary>Writes the low 4 bytes of V to A and to the same place of the pages behind it. Result counts them until it is T or more, and is up to date meanwhile.</summary>
    StorePages,
    /// <summary>Reloads CR3, so that changed page tables count.</summary>
    FlushTlb,
    /// <summary>Result = EAX | EBX&lt;&lt;32 of CPUID leaf A.</summary>
    Cpuid,
    /// <summary>Halts with interrupts off: the vCPU is down for good.</summary>
    Halt,
}
