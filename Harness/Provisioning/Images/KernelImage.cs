using System.Buffers.Binary;
using System.Text;
using HvLab.Harness.Lab;

namespace HvLab.Harness.Provisioning.Images;

/// <summary>
/// A bzImage or vmlinux on the machine. The boot protocol's offsets are those of Documentation/arch/x86/boot.rst.
/// </summary>
public sealed class KernelImage(Unpacker unpacker)
{
    private const int SetupSectorsAt = 0x1f1, BootFlagAt = 0x1fe, HeaderAt = 0x202, VersionTextAt = 0x20e;
    private const int PayloadOffsetAt = 0x248, PayloadLengthAt = 0x24c;
    private const int HeaderBytes = 0x250;
    private const int Sector = 512;

    /// <summary>
    /// Writes the ELF vmlinux that the image holds; where it has no PVH entry, which QEMU needs to boot an ELF, the bzImage
    /// itself, which boots anywhere but decompresses itself in the guest.
    /// </summary>
    /// <exception cref="LabException"><see cref="LabFault.Configuration"/>: it is no kernel, or an ELF that cannot boot by PVH.</exception>
    public async Task ExtractAsync(string image, string target, IProgress<string> progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(progress);
        await using (var stream = OpenImage(image))
        {
            var head = await ReadAsync(stream, 0, HeaderBytes, cancellation);
            if (Unpacker.Detect(head) == Packing.None)
            {
                File.Copy(image, target, overwrite: true);
                if (!ElfFile.HasPvhEntry(target))
                    throw new LabException(LabFault.Configuration,
                        $"{image} is an ELF kernel without a PVH entry, so QEMU cannot boot it. Build it with CONFIG_PVH=y, or give its bzImage.");
                return;
            }
            await UnpackPayloadAsync(stream, head, image, target, cancellation);
        }
        if (ElfFile.HasPvhEntry(target))
            return;
        progress.Report($"{image} has no PVH entry (CONFIG_PVH): the box decompresses it itself, which takes seconds longer");
        File.Copy(image, target, overwrite: true);
    }

    /// <summary>The kernel's own release, "6.1.0-56-amd64" (uname -r); null where the image does not say.</summary>
    public static async Task<string?> ReadReleaseAsync(string image, CancellationToken cancellation)
    {
        await using var stream = OpenImage(image);
        var head = await ReadAsync(stream, 0, HeaderBytes, cancellation);
        if (!IsBzImage(head))
            return Unpacker.Detect(head) == Packing.None ? await FindBannerAsync(stream, cancellation) : null;
        var at = BinaryPrimitives.ReadUInt16LittleEndian(head.AsSpan(VersionTextAt));
        if (at == 0)
            return null;
        var text = Encoding.Latin1.GetString(await ReadAsync(stream, at + Sector, 256, cancellation));
        return text.Split(' ', '\0')[0] is { Length: > 0 } release ? release : null;
    }

    private async Task UnpackPayloadAsync(Stream stream, byte[] head, string image, string target, CancellationToken cancellation)
    {
        if (!IsBzImage(head))
            throw NoKernel(image, "it begins neither like an ELF file nor like a bzImage");
        var setup = (head[SetupSectorsAt] == 0 ? 4 : head[SetupSectorsAt]) + 1;
        var offset = (long)setup * Sector + BinaryPrimitives.ReadUInt32LittleEndian(head.AsSpan(PayloadOffsetAt));
        var length = (long)BinaryPrimitives.ReadUInt32LittleEndian(head.AsSpan(PayloadLengthAt));
        if (length < 16 || offset + length > stream.Length)
            throw NoKernel(image, $"its header puts the kernel at byte {offset} with {length} bytes, but the file has {stream.Length}: it is cut short");
        var packing = Unpacker.Detect(await ReadAsync(stream, offset, 16, cancellation))
            ?? throw NoKernel(image, "what its header calls the kernel is packed in no way that the lab knows");

        // The kernel's build appends the unpacked size to every packing but gzip, which has it already (scripts/Makefile.lib).
        var trailer = packing is Packing.None or Packing.Gzip ? 0 : 4;
        var packed = target + ".packed";
        await using (var part = File.Create(packed))
        {
            stream.Position = offset;
            await CopyAsync(stream, part, length - trailer, cancellation);
        }
        await unpacker.UnpackAsync(packing, packed, target, $"The kernel in {image}", cancellation);
        File.Delete(packed);
        var expected = BinaryPrimitives.ReadUInt32LittleEndian(await ReadAsync(stream, offset + length - 4, 4, cancellation));
        if (trailer > 0 && new FileInfo(target).Length != expected)
            throw NoKernel(image, $"it unpacks to {new FileInfo(target).Length} bytes where it says {expected}");
    }

    private static bool IsBzImage(byte[] head) =>
        head.Length == HeaderBytes && head[BootFlagAt] == 0x55 && head[BootFlagAt + 1] == 0xaa && head.AsSpan(HeaderAt, 4).SequenceEqual("HdrS"u8);

    private static FileStream OpenImage(string image)
    {
        try
        {
            return File.OpenRead(image);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            throw new LabException(LabFault.Configuration, $"The kernel {image} could not be read: {unreadable.Message} Check --kernel.", inner: unreadable);
        }
    }

    private static LabException NoKernel(string image, string why) => new(LabFault.Configuration,
        $"{image} is not a kernel that the lab can boot: {why}. Give a bzImage (arch/x86/boot/bzImage) or an ELF vmlinux.");

    /// <summary>Reads what is there, at most that many bytes.</summary>
    private static async Task<byte[]> ReadAsync(Stream stream, long at, int count, CancellationToken cancellation)
    {
        var buffer = new byte[count];
        stream.Position = at;
        var read = await stream.ReadAtLeastAsync(buffer, count, throwOnEndOfStream: false, cancellation);
        return buffer[..read];
    }

    private static async Task CopyAsync(Stream from, Stream to, long count, CancellationToken cancellation)
    {
        var buffer = new byte[1 << 20];
        while (count > 0)
        {
            var read = await from.ReadAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, count)), cancellation);
            if (read == 0)
                throw new EndOfStreamException();
            await to.WriteAsync(buffer.AsMemory(0, read), cancellation);
            count -= read;
        }
    }

    /// <summary>An ELF has its release only in its banner, "Linux version RELEASE (".</summary>
    private static async Task<string?> FindBannerAsync(Stream stream, CancellationToken cancellation)
    {
        var banner = "Linux version "u8.ToArray();
        const int Overlap = 256;
        var buffer = new byte[1 << 20];
        for (long at = 0; at < stream.Length; at += buffer.Length - Overlap)
        {
            stream.Position = at;
            var read = await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellation);
            var found = buffer.AsSpan(0, read).IndexOf(banner);
            if (found >= 0 && found + Overlap <= read)
                return Encoding.Latin1.GetString(buffer, found + banner.Length, Overlap - banner.Length).Split(' ', '\0')[0];
        }
        return null;
    }
}
