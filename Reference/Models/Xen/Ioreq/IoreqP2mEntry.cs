using System.Runtime.CompilerServices;
using HvLab.Reference.Xen;

namespace HvLab.Reference.Models.Xen.Ioreq;

/// <summary>Types of a p2m entry that this subsystem can meet.</summary>
public enum P2mType : byte
{
    RamRw,
    /// <summary>Read-only until the first write, which is logged.</summary>
    RamLogDirty,
    IoreqServer,
    RamRo,
    /// <summary>No RAM: accesses are emulated.</summary>
    MmioDm,
}

/// <summary>A server, or none.</summary>
public enum IoreqOwner : byte { None, A, B }

/// <summary>One page: what its p2m entry says, and what must be true of it. One byte.</summary>
/// <remarks>
/// Bits 0-2 type, 3 recalculation pending, 4 dirty in the log, 5-6 the server that has the page marked now. The last is no
/// part of the machine: it is what a caller for whom every change "happened immediately" believes.
/// </remarks>
public readonly record struct P2mEntry(byte Bits)
{
    private const int PendingBit = 8, DirtyBit = 16, MarkShift = 5;

    public P2mType Type => (P2mType)(Bits & 7);
    public bool Pending => (Bits & PendingBit) != 0;
    public bool Dirty => (Bits & DirtyBit) != 0;
    public IoreqOwner MarkedBy => (IoreqOwner)(Bits >> MarkShift);

    /// <summary>Types that a recalculation may change, xen/arch/x86/include/asm/p2m.h, P2M_CHANGEABLE_TYPES.</summary>
    public bool IsChangeable => Type <= P2mType.IoreqServer;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public P2mEntry As(P2mType type) => new((byte)((Bits & ~7) | (int)type));
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public P2mEntry WithPending(bool pending) => new((byte)(pending ? Bits | PendingBit : Bits & ~PendingBit));
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public P2mEntry WithDirty(bool dirty) => new((byte)(dirty ? Bits | DirtyBit : Bits & ~DirtyBit));
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public P2mEntry Marked(IoreqOwner by) => new((byte)((Bits & 0x1f) | ((int)by << MarkShift)));

    public override string ToString() =>
        $"{Type}{(Pending ? ", to be recalculated" : "")}{(Dirty ? ", dirty" : "")}{(MarkedBy == IoreqOwner.None ? "" : $", marked by {MarkedBy}")}";
}

/// <summary>Words between the vocabulary and the model.</summary>
internal static class IoreqOwners
{
    public static IoreqOwner Owner(this IoreqServer server) => (IoreqOwner)(server + 1);
    public static IoreqServer Server(this IoreqOwner owner) => (IoreqServer)(owner - 1);
}
