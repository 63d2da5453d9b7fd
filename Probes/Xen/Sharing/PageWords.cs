using System.Runtime.InteropServices;
using HvLab.Reference;
using HvLab.Reference.Xen;

namespace HvLab.Probes.Xen.Sharing;

/// <summary>A page's 1024 words as the vocabulary speaks of them.</summary>
internal static class PageWords
{
    private const int Count = Gfn.PageSize / sizeof(uint);
    private const int Middle = Count / 2, Last = Count - 1;

    public static int OffsetOf(SharingWord word) => sizeof(uint) * word switch { SharingWord.First => 0, SharingWord.Middle => Middle, _ => Last };

    /// <summary>What all words but the three are, and the three; torn where the others differ from one another.</summary>
    public static SharingPageView Read(ReadOnlySpan<byte> page)
    {
        var words = MemoryMarshal.Cast<byte, uint>(page);
        var fill = words[1];
        var same = !words[1..Middle].ContainsAnyExcept(fill) && !words[(Middle + 1)..Last].ContainsAnyExcept(fill);
        return same
            ? new(SharingPageState.Present, new(fill, words[0], words[Middle], words[Last]))
            : new(SharingPageState.Torn);
    }

    public static void Fill(Span<byte> page, uint value) => MemoryMarshal.Cast<byte, uint>(page).Fill(value);
}
