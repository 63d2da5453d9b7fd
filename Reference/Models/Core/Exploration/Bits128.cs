using System.Numerics;
using System.Runtime.CompilerServices;

namespace HvLab.Reference.Models.Exploration;

/// <summary>128 bits that a packed state keeps its fields in; equal by value, 16 bytes.</summary>
public readonly record struct Bits128(ulong Low, ulong High)
{
    /// <summary>The field as a number.</summary>
    public int this[BitField field]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (int)(((field.At < 64 ? Low : High) >> (field.At & 63)) & field.Mask);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Bits128 With(BitField field, int value)
    {
        if ((ulong)value > field.Mask)
            TooLarge(field, value);
        var shift = field.At & 63;
        var bits = (ulong)value << shift;
        var keep = ~(field.Mask << shift);
        return field.At < 64 ? new((Low & keep) | bits, High) : new(Low, (High & keep) | bits);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Bits128 With(BitField field, bool value) => With(field, value ? 1 : 0);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Has(BitField field) => this[field] != 0;

    private static void TooLarge(BitField field, int value) =>
        throw new ArgumentOutOfRangeException(nameof(value), value, $"A field of {field.Width} bits cannot hold this.");

    // The same in every process, so that what depends on it is repeatable.
    public override int GetHashCode()
    {
        var mixed = (Low * 0x9E3779B97F4A7C15ul) ^ (BitOperations.RotateLeft(High, 32) * 0xC2B2AE3D27D4EB4Ful);
        return (int)(mixed ^ (mixed >> 32));
    }
}

/// <summary>Where a field lies in <see cref="Bits128"/>.</summary>
/// <param name="At">First bit; a field does not cross bit 64.</param>
public readonly record struct BitField(int At, int Width)
{
    public ulong Mask => (1ul << Width) - 1;

    /// <summary>The field of the same kind of another actor: fields of an array stand side by side.</summary>
    public BitField this[int index]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => new(At + (index * Width), Width);
    }
}

/// <summary>Deals out fields one after another, none across bit 64.</summary>
public sealed class BitLayout
{
    private int _at;

    /// <exception cref="InvalidOperationException">They do not fit into 128 bits.</exception>
    public BitField Field(int width) => Array(1, width);

    /// <summary>Side by side, all of them within the same 64 bits.</summary>
    /// <exception cref="InvalidOperationException">They do not fit.</exception>
    public BitField Array(int count, int width)
    {
        var total = count * width;
        if (_at / 64 != (_at + total - 1) / 64)
            _at = 64;
        if (total > 64 || _at + total > 128)
            throw new InvalidOperationException($"{count} fields of {width} bits do not fit behind bit {_at} of 128.");
        var field = new BitField(_at, width);
        _at += total;
        return field;
    }
}
