using System.Buffers.Binary;
using System.Text;

namespace HvLab.Harness.Provisioning.Images;

/// <summary>The two things the lab wants to know of a 64-bit little-endian ELF file: its module information, and whether it boots by PVH.</summary>
internal static class ElfFile
{
    private const int HeaderBytes = 64;
    private const uint NoteSegment = 4; // PT_NOTE
    private const uint XenPhys32Entry = 18; // XEN_ELFNOTE_PHYS32_ENTRY, xen/interface/elfnote.h

    /// <summary>"field=value" lines of .modinfo, in order; empty where the file has none. Throws <see cref="InvalidDataException"/> for no ELF.</summary>
    public static IReadOnlyList<KeyValuePair<string, string>> ReadModuleInformation(string path)
    {
        using var file = File.OpenRead(path);
        var header = ReadHeader(file, path);
        var table = (long)BinaryPrimitives.ReadUInt64LittleEndian(header.AsSpan(0x28));
        var (entrySize, count, namesIndex) = (U16(header, 0x3a), U16(header, 0x3c), U16(header, 0x3e));
        if (entrySize < 0x40 || namesIndex >= count)
            throw new InvalidDataException($"{path} is an ELF file with a damaged section table.");
        var sections = ReadAt(file, table, entrySize * count, path);
        var names = ReadSection(file, sections.AsSpan(namesIndex * entrySize), path);
        for (var i = 0; i < count; i++)
        {
            var section = sections.AsSpan(i * entrySize, entrySize);
            if (Text(names, (int)BinaryPrimitives.ReadUInt32LittleEndian(section)) != ".modinfo")
                continue;
            return Encoding.UTF8.GetString(ReadSection(file, section, path)).Split('\0', StringSplitOptions.RemoveEmptyEntries)
                .Select(line => line.Split('=', 2)).Where(pair => pair.Length == 2)
                .Select(pair => KeyValuePair.Create(pair[0], pair[1])).ToList();
        }
        return [];
    }

    /// <summary>True where a note segment holds Xen's 32-bit physical entry, the one that PVH boots through.</summary>
    public static bool HasPvhEntry(string path)
    {
        using var file = File.OpenRead(path);
        byte[] header;
        try
        {
            header = ReadHeader(file, path);
        }
        catch (InvalidDataException)
        {
            return false;
        }
        var (table, entrySize, count) = ((long)BinaryPrimitives.ReadUInt64LittleEndian(header.AsSpan(0x20)), U16(header, 0x36), U16(header, 0x38));
        var segments = ReadAt(file, table, entrySize * count, path);
        for (var i = 0; i < count; i++)
        {
            var segment = segments.AsSpan(i * entrySize, entrySize);
            if (BinaryPrimitives.ReadUInt32LittleEndian(segment) != NoteSegment)
                continue;
            var notes = ReadAt(file, (long)BinaryPrimitives.ReadUInt64LittleEndian(segment[0x08..]),
                checked((int)BinaryPrimitives.ReadUInt64LittleEndian(segment[0x20..])), path);
            for (var at = 0; at + 12 <= notes.Length;)
            {
                var (nameSize, size, type) = (U32(notes, at), U32(notes, at + 4), U32(notes, at + 8));
                if (type == XenPhys32Entry && Text(notes, at + 12) == "Xen")
                    return true;
                at += 12 + Align(nameSize) + Align(size);
            }
        }
        return false;
    }

    private static int Align(uint size) => checked((int)((size + 3) & ~3u));

    private static byte[] ReadHeader(FileStream file, string path)
    {
        var header = ReadAt(file, 0, HeaderBytes, path);
        return header is [0x7f, (byte)'E', (byte)'L', (byte)'F', 2, 1, ..] ? header : throw new InvalidDataException($"{path} is no 64-bit ELF file.");
    }

    private static byte[] ReadSection(FileStream file, ReadOnlySpan<byte> section, string path) =>
        ReadAt(file, (long)BinaryPrimitives.ReadUInt64LittleEndian(section[0x18..]),
            checked((int)BinaryPrimitives.ReadUInt64LittleEndian(section[0x20..])), path);

    private static byte[] ReadAt(FileStream file, long at, int count, string path)
    {
        if (at < 0 || count < 0 || at + count > file.Length)
            throw new InvalidDataException($"{path} is cut short: {count} bytes at {at} are not there.");
        var buffer = new byte[count];
        file.Position = at;
        file.ReadExactly(buffer);
        return buffer;
    }

    private static ushort U16(byte[] bytes, int at) => BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(at));

    private static uint U32(byte[] bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(at));

    private static string Text(byte[] bytes, int at)
    {
        if (at >= bytes.Length)
            return "";
        var end = Array.IndexOf(bytes, (byte)0, at);
        return Encoding.UTF8.GetString(bytes, at, (end < 0 ? bytes.Length : end) - at);
    }
}
