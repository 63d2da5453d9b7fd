using System.Runtime.CompilerServices;

namespace HvLab.Reference.Models.Xen.Ioreq;

/// <summary>A p2m of at most six pages in eight bytes: the pages, what is known beside them in byte 6, the number of pages.</summary>
public readonly record struct IoreqLogdirtyState(ulong Bits)
{
    private const int GlobalsShift = 48;
    private const ulong GlobalsMask = 0xfful << GlobalsShift;

    public P2m<PackedEntries> P2m
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => new(new(Bits & ~GlobalsMask), new((byte)(Bits >> GlobalsShift)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static IoreqLogdirtyState Of(in P2m<PackedEntries> p2m) => new(p2m.Entries.Bits | ((ulong)p2m.Globals.Bits << GlobalsShift));

    // The same in every process, so that what depends on it is repeatable.
    public override int GetHashCode()
    {
        var mixed = Bits * 0x9E3779B97F4A7C15ul;
        return (int)(mixed ^ (mixed >> 32));
    }

    public override string ToString() => $"{P2m}";
}

/// <summary>What an actor does in one step.</summary>
public enum IoreqStepKind : byte { Attach, Detach, Destroy, Mark, Unmark, Read, Write, SweepOne, EnableLogDirty, DisableLogDirty, CleanDirty }

/// <param name="Page">Of steps that concern one.</param>
/// <param name="Server">Of steps that a server takes; for a mark, the one that has the type.</param>
public readonly record struct IoreqStep(IoreqStepKind Kind, byte Page, IoreqOwner Server, P2mOutcome Outcome)
{
    public bool IsForwarded => Outcome is P2mOutcome.ForwardedToA or P2mOutcome.ForwardedToB;

    public override string ToString() => Kind switch
    {
        IoreqStepKind.Attach => $"{Server} maps the type: {Outcome}",
        IoreqStepKind.Detach => $"{Server} unmaps the type: {Outcome}",
        IoreqStepKind.Destroy => $"{Server} is destroyed",
        IoreqStepKind.EnableLogDirty => $"log-dirty on: {Outcome}",
        IoreqStepKind.DisableLogDirty => "log-dirty off",
        IoreqStepKind.CleanDirty => "clean",
        _ => $"{Kind} {Page}: {Outcome}",
    };
}
