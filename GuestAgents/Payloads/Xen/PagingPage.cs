using System.Buffers.Binary;
using HvLab.Reference.Xen;

namespace HvLab.GuestAgents.Payloads.Xen;

/// <summary>
/// What every page of a paging scenario holds: code that returns the page's word, the word, the arguments of a hypercall, and
/// a page table of all these pages. Only the word differs between pages, so a pager can make any page anew.
/// </summary>
public static class PagingPage
{
    /// <summary>Byte offset of the word, 32 bits.</summary>
    public const int Word = 0x10;
    /// <summary>Byte offset of the arguments of XENMEM_decrease_reservation: one frame, whose number stands at <see cref="Extents"/>.</summary>
    public const int Arguments = 0x40;
    /// <summary>The same as 32-bit guests give them.</summary>
    public const int FlatArguments = 0x80;
    /// <summary>Where the hypercall's list of frames stands, in memory that is always there. Guest-physical.</summary>
    public const ulong Extents = 0x1f000;

    private const int FirstTableEntry = 0x100;
    private const ulong TableSpan = 2 << 20;
    private const ulong PresentWritableUser = 7;
    private const ushort DomIdSelf = 0x7ff0;

    /// <summary>The linear address of a page in a vCPU's part of the window.</summary>
    public static ulong LinearAddress(int vcpu, int index) =>
        XenMemoryMap.Window + ((ulong)vcpu * TableSpan) + ((ulong)(FirstTableEntry + index) * 4096);

    /// <summary>Byte offset, in the guest's own memory, of the entry that points to a vCPU's page table.</summary>
    public static int WindowEntry(int vcpu) => (int)XenMemoryMap.WindowDirectory + (vcpu * sizeof(ulong));

    /// <summary>The entry for a page table in the given frame.</summary>
    public static ulong TableAt(ulong frame) => (frame << 12) | PresentWritableUser;

    /// <param name="page">4096 bytes.</param>
    public static void Fill(Span<byte> page, uint word)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(page.Length, 4096);
        page.Clear();
        ReadOnlySpan<byte> code = [0x8b, 0x05, Word - 6, 0, 0, 0, 0xc3]; // mov eax, [rip + 10]; ret
        code.CopyTo(page);
        BinaryPrimitives.WriteUInt32LittleEndian(page[Word..], word);

        // struct xen_memory_reservation: list of frames, how many, order, flags, domain
        BinaryPrimitives.WriteUInt64LittleEndian(page[Arguments..], Extents);
        BinaryPrimitives.WriteUInt64LittleEndian(page[(Arguments + 8)..], 1);
        BinaryPrimitives.WriteUInt16LittleEndian(page[(Arguments + 24)..], DomIdSelf);

        BinaryPrimitives.WriteUInt32LittleEndian(page[FlatArguments..], (uint)Extents);
        BinaryPrimitives.WriteUInt32LittleEndian(page[(FlatArguments + 4)..], 1);
        BinaryPrimitives.WriteUInt16LittleEndian(page[(FlatArguments + 16)..], DomIdSelf);

        for (var index = 0; index < PagingGuest.PageCount; index++)
            BinaryPrimitives.WriteUInt64LittleEndian(page[((FirstTableEntry + index) * sizeof(ulong))..], TableAt(PagingGuest.Page(index).Value));
    }
}
