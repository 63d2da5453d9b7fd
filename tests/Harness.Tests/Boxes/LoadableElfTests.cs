using System.Buffers.Binary;
using HvLab.Harness.Drivers.Bochs;

namespace HvLab.Harness.Tests.Boxes;

internal sealed class LoadableElfTests
{
    /// <summary>One segment of eight bytes, of which the last are zeros, and sections behind it.</summary>
    private static byte[] Elf(ulong fileSize = 8)
    {
        var bytes = new byte[64 + 56 + 8 + 100];
        new byte[] { 0x7f, (byte)'E', (byte)'L', (byte)'F', 2, 1 }.CopyTo(bytes, 0);
        var span = bytes.AsSpan();
        BinaryPrimitives.WriteUInt64LittleEndian(span[0x20..], 64); // program headers
        BinaryPrimitives.WriteUInt64LittleEndian(span[0x28..], 128); // section headers
        BinaryPrimitives.WriteUInt16LittleEndian(span[0x36..], 56);
        BinaryPrimitives.WriteUInt16LittleEndian(span[0x38..], 1);
        BinaryPrimitives.WriteUInt16LittleEndian(span[0x3c..], 1);
        var segment = span[64..];
        BinaryPrimitives.WriteUInt32LittleEndian(segment, 1);
        BinaryPrimitives.WriteUInt64LittleEndian(segment[0x08..], 120);
        BinaryPrimitives.WriteUInt64LittleEndian(segment[0x20..], fileSize);
        BinaryPrimitives.WriteUInt64LittleEndian(segment[0x28..], 4096);
        new byte[] { 1, 0, 2, 0, 0, 0, 0, 0 }.CopyTo(bytes, 120);
        bytes.AsSpan(128).Fill(0xee);
        return bytes;
    }

    [Test]
    public void Sections_and_the_zeros_at_a_segments_end_go_and_its_size_in_memory_stays()
    {
        var trimmed = LoadableElf.Trim(Elf()).Span;
        Assert.That(trimmed.Length, Is.EqualTo(123));
        Assert.That(trimmed[120..].ToArray(), Is.EqualTo(new byte[] { 1, 0, 2 }));
        Assert.That(BinaryPrimitives.ReadUInt64LittleEndian(trimmed[(64 + 0x20)..]), Is.EqualTo(3));
        Assert.That(BinaryPrimitives.ReadUInt64LittleEndian(trimmed[(64 + 0x28)..]), Is.EqualTo(4096));
        Assert.That(trimmed[0x28..0x30].ToArray(), Has.All.Zero, "nobody looks for sections that are gone");
    }

    [Test]
    public void A_file_that_is_no_ELF_or_a_damaged_one_stays_as_it_is()
    {
        var damaged = Elf(fileSize: 1 << 20);
        Assert.That(LoadableElf.Trim(damaged).Length, Is.EqualTo(damaged.Length));
        Assert.That(LoadableElf.Trim([1, 2, 3]).Length, Is.EqualTo(3));
    }
}
