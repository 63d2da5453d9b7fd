namespace HvLab.Reference.Models;

/// <summary>An immutable set of the numbers 0 to 127, equal by value whatever the order of its making.</summary>
public readonly record struct IndexSet(UInt128 Bits)
{
    public const int Capacity = 128;

    public bool IsEmpty => Bits == UInt128.Zero;
    public bool Contains(int index) => (Bits & Bit(index)) != UInt128.Zero;
    public IndexSet With(int index) => new(Bits | Bit(index));
    public IndexSet Without(int index) => new(Bits & ~Bit(index));

    private static UInt128 Bit(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Capacity);
        return UInt128.One << index;
    }

    public override string ToString() => $"0x{Bits:x}";
}
