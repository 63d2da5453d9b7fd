using System.Runtime.CompilerServices;

namespace HvLab.Reference.Models.Xen.Ioreq;

/// <summary>The pages of a p2m, by index. Two kinds: packed for exploration, any number for conformance.</summary>
public interface IP2mEntries<TSelf> where TSelf : struct, IP2mEntries<TSelf>
{
    int Count { get; }
    P2mEntry this[int page] { get; }
    TSelf With(int page, P2mEntry entry);
}

/// <summary>At most six pages in one word: a byte each, byte 6 zero, their number in byte 7.</summary>
public readonly record struct PackedEntries(ulong Bits) : IP2mEntries<PackedEntries>
{
    public const int Most = 6;

    public static PackedEntries OfRam(int pages)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(pages, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(pages, Most);
        return new((ulong)pages << 56); // type 0 is RamRw
    }

    public int Count => (int)(Bits >> 56);

    public P2mEntry this[int page]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => new((byte)(Bits >> (page * 8)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public PackedEntries With(int page, P2mEntry entry) => new((Bits & ~(0xfful << (page * 8))) | ((ulong)entry.Bits << (page * 8)));

    /// <summary>The same pages in ascending order of their bytes: they have no other names.</summary>
    public PackedEntries Sorted()
    {
        var count = Count;
        var bits = Bits;
        for (var last = count - 1; last > 0; last--)
            for (var page = 0; page < last; page++)
            {
                var (low, high) = ((byte)(bits >> (page * 8)), (byte)(bits >> ((page + 1) * 8)));
                if (low > high)
                    bits = (bits & ~(0xfffful << (page * 8))) | ((ulong)((low << 8) | high) << (page * 8));
            }
        return new(bits);
    }
}

/// <summary>Any number of pages.</summary>
public readonly record struct ListedEntries(ValueList<P2mEntry> Pages) : IP2mEntries<ListedEntries>
{
    public static ListedEntries OfRam(int pages) => new([.. new P2mEntry[pages]]);

    public int Count => Pages.Count;
    public P2mEntry this[int page] => Pages[page];
    public ListedEntries With(int page, P2mEntry entry) => Pages[page] == entry ? this : new(Pages.Set(page, entry));
}
