namespace HvLab.Reference.Models.Xen.Ioreq;

/// <summary>Guest memory of a scenario: bytes that are not zero, by address. Equal by value.</summary>
public readonly record struct IoreqMemory(ValueList<IoreqMemory.Cell> Cells)
{
    /// <summary>One byte that is not zero. Cells stand in ascending order of their address.</summary>
    public readonly record struct Cell(ulong Address, byte Value);

    public byte this[ulong address] => Cells.Count == 0 ? (byte)0 : Find(address) is var at && at >= 0 ? Cells[at].Value : (byte)0;

    /// <summary>Up to eight bytes, the first the lowest.</summary>
    public ulong Read(ulong address, int size)
    {
        var value = 0ul;
        for (var at = 0; at < size; at++)
            value |= (ulong)this[address + (ulong)at] << (at * 8);
        return value;
    }

    public IoreqMemory Write(ulong address, int size, ulong value)
    {
        var memory = this;
        for (var at = 0; at < size; at++)
            memory = memory.With(address + (ulong)at, (byte)(value >> (at * 8)));
        return memory;
    }

    private IoreqMemory With(ulong address, byte value)
    {
        var at = Find(address);
        if (at >= 0)
            return value == 0 ? new(Cells.RemoveAt(at)) : new(Cells.Set(at, new(address, value)));
        if (value == 0)
            return this;
        var cells = Cells.ToArray();
        return new([.. cells[..~at], new Cell(address, value), .. cells[~at..]]);
    }

    private int Find(ulong address)
    {
        var (low, high) = (0, Cells.Count - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            if (Cells[middle].Address == address)
                return middle;
            if (Cells[middle].Address < address)
                low = middle + 1;
            else
                high = middle - 1;
        }
        return ~low;
    }
}
