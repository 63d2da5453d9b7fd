using System.Runtime.CompilerServices;

namespace HvLab.Reference.Models.Xen.Ioreq;

/// <summary>What the last change of all entries was about; only designs that resolve entries by the change itself look at it.</summary>
public enum P2mChange : byte { None, IoreqToRam, RamToLogDirty, LogDirtyToRam }

/// <summary>What a p2m knows beside its entries. One byte.</summary>
/// <remarks>
/// Bits 0-1 the server that the type is mapped to, 2 log-dirty mode, 3 whether recalculated RAM becomes log-dirty
/// (p2m->global_logdirty), 4-5 the last change, 6 a sweep is under way, 7 whether this design promises to refuse log-dirty
/// while entries are outstanding: a constant, so that a claim can tell a promise from a freedom.
/// </remarks>
public readonly record struct P2mGlobals(byte Bits)
{
    public IoreqOwner Owner => (IoreqOwner)(Bits & 3);
    public bool LogDirty => (Bits & 4) != 0;
    public bool RamBecomesLogDirty => (Bits & 8) != 0;
    public P2mChange Change => (P2mChange)((Bits >> 4) & 3);
    public bool Sweeping => (Bits & 64) != 0;
    public bool PromisesToRefuseLogDirty => (Bits & 128) != 0;

    public static P2mGlobals Of(IoreqDesign design)
    {
        ArgumentNullException.ThrowIfNull(design);
        return default(P2mGlobals).Bit(128, design.RefusesLogDirtyWhileOutstanding);
    }

    public P2mGlobals OwnedBy(IoreqOwner owner) => new((byte)((Bits & ~3) | (int)owner));
    public P2mGlobals WithLogDirty(bool on) => Bit(4, on);
    public P2mGlobals WithRamBecomingLogDirty(bool on) => Bit(8, on);
    public P2mGlobals With(P2mChange change) => new((byte)((Bits & ~48) | ((int)change << 4)));
    public P2mGlobals WithSweeping(bool on) => Bit(64, on);

    private P2mGlobals Bit(int bit, bool on) => new((byte)(on ? Bits | bit : Bits & ~bit));

    public override string ToString() =>
        (Owner == IoreqOwner.None ? "no server mapped" : $"mapped to server {Owner}") + (LogDirty ? ", log-dirty" : "")
        + (RamBecomesLogDirty == LogDirty ? "" : RamBecomesLogDirty ? ", RAM becomes log-dirty" : ", RAM is no longer logged")
        + (Sweeping ? ", sweeping" : "");
}

/// <summary>A guest's physical map with all that decides who sees a write.</summary>
public readonly record struct P2m<TEntries>(TEntries Entries, P2mGlobals Globals) where TEntries : struct, IP2mEntries<TEntries>
{
    /// <summary>Entries of the type that no longer need to be there or still are: xen's p2m->ioreq.entry_count.</summary>
    public int Outstanding
    {
        get
        {
            var count = 0;
            for (var page = 0; page < Entries.Count; page++)
                if (Entries[page].Type == P2mType.IoreqServer)
                    count++;
            return count;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public P2m<TEntries> With(int page, P2mEntry entry) => this with { Entries = Entries.With(page, entry) };
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public P2m<TEntries> With(P2mGlobals globals) => this with { Globals = globals };

    public override string ToString()
    {
        var entries = Entries;
        return $"{Globals}; {string.Join("; ", Enumerable.Range(0, Math.Min(entries.Count, 8)).Select(page => $"{page}: {entries[page]}"))}";
    }
}
