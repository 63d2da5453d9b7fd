using System.Buffers.Binary;

namespace HvLab.Harness.Drivers.Bochs;

/// <summary>
/// A 64-bit ELF file without what no loader needs: its sections, and the zeros at the end of its segments, which loaders make
/// by themselves. A vmlinux becomes a third smaller, and an emulated CD drive takes seconds for that.
/// </summary>
public static class LoadableElf
{
    private const uint Load = 1; // PT_LOAD
    private const int FileSize = 0x20; // p_filesz in an entry of the program header table

    /// <summary>A file that is no 64-bit ELF is copied as it is.</summary>
    public static async Task WriteAsync(string source, string target, CancellationToken cancellation)
    {
        var bytes = await File.ReadAllBytesAsync(source, cancellation);
        await using var file = File.Create(target);
        await file.WriteAsync(Trim(bytes), cancellation);
    }

    /// <param name="bytes">The file; its headers are changed in place.</param>
    public static ReadOnlyMemory<byte> Trim(byte[] bytes)
    {
        if (bytes.Length < 64 || !(bytes is [0x7f, (byte)'E', (byte)'L', (byte)'F', 2, 1, ..]))
            return bytes;
        var span = bytes.AsSpan();
        var table = BinaryPrimitives.ReadUInt64LittleEndian(span[0x20..]);
        var (size, count) = (BinaryPrimitives.ReadUInt16LittleEndian(span[0x36..]), BinaryPrimitives.ReadUInt16LittleEndian(span[0x38..]));
        if (size < 0x38 || table + (ulong)size * count > (ulong)bytes.Length)
            return bytes;
        var end = table + (ulong)size * count;
        for (var i = 0; i < count; i++)
        {
            var segment = span.Slice((int)table + i * size, size);
            var (offset, length) = (BinaryPrimitives.ReadUInt64LittleEndian(segment[0x08..]), BinaryPrimitives.ReadUInt64LittleEndian(segment[FileSize..]));
            if (offset > (ulong)bytes.Length || length > (ulong)bytes.Length - offset)
                return bytes;
            if (BinaryPrimitives.ReadUInt32LittleEndian(segment) == Load)
            {
                length = (ulong)(span.Slice((int)offset, (int)length).LastIndexOfAnyExcept((byte)0) + 1);
                BinaryPrimitives.WriteUInt64LittleEndian(segment[FileSize..], length);
            }
            end = Math.Max(end, offset + length);
        }
        // No section table: its offset, and the number of its entries and of the one with the names.
        BinaryPrimitives.WriteUInt64LittleEndian(span[0x28..], 0);
        BinaryPrimitives.WriteUInt32LittleEndian(span[0x3c..], 0);
        return bytes.AsMemory(0, (int)end);
    }
}
