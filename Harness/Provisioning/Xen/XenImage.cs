using System.IO.Compression;
using System.Text;
using System.Text.RegularExpressions;
using HvLab.Harness.Lab;
using HvLab.Harness.Provisioning.Images;
using static System.Buffers.Binary.BinaryPrimitives;

namespace HvLab.Harness.Provisioning.Xen;

/// <summary>What a hypervisor's file says about itself.</summary>
/// <param name="Version">"4.17"; null where the file does not say.</param>
/// <param name="Options">Lines of the configuration that it was built with, "CONFIG_MEM_PAGING=y"; empty where the file does not say.</param>
public sealed record XenImageFacts(string? Version, IReadOnlyList<string> Options);

/// <summary>A xen.gz or its multiboot ELF on the machine.</summary>
public static partial class XenImage
{
    private const long Largest = 256L << 20;
    private const int LargestConfig = 1 << 20;

    /// <summary>The ELF that the file is, or holds.</summary>
    /// <exception cref="LabException"><see cref="LabFault.Configuration"/>: it is no hypervisor that QEMU can boot.</exception>
    public static byte[] Load(string image)
    {
        byte[] bytes;
        try
        {
            if (new FileInfo(image).Length > Largest)
                throw NoXen(image, "it is larger than any hypervisor");
            bytes = File.ReadAllBytes(image);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            throw new LabException(LabFault.Configuration,
                $"--xen {image}: the file cannot be read ({unreadable.Message}); build Xen first, or correct the path.", inner: unreadable);
        }
        if (Unpacker.Detect(bytes) == Packing.Gzip)
            bytes = Unpack(bytes, 0, (int)Largest) ?? throw NoXen(image, "it begins like a xen.gz and cannot be unpacked");
        if (!IsMultiboot(bytes))
            throw NoXen(image, "it is no ELF file with a multiboot header");
        return IsWhole(bytes) ? bytes : throw NoXen(image, "its end is missing");
    }

    /// <summary>
    /// From the configuration that Xen carries, packed by gzip, where CONFIG_HYPFS_CONFIG is on, as it is by default: the
    /// version is nowhere else in the file as text (xen/common/hypfs.c, xen_config_data).
    /// </summary>
    public static XenImageFacts Describe(byte[] elf)
    {
        ArgumentNullException.ThrowIfNull(elf);
        for (var at = Next(elf, 0); at >= 0; at = Next(elf, at + 1))
            if (Unpack(elf, at, LargestConfig) is { } text && Encoding.ASCII.GetString(text) is var config && Title().Match(config) is { Success: true } title)
                return new(title.Groups["version"].Value,
                    [.. config.Split('\n').Where(line => line.StartsWith("CONFIG_", StringComparison.Ordinal))]);
        return new(null, []);
    }

    /// <summary>Multiboot 1: a 32-bit ELF, and the magic number within its first 8 KiB (Multiboot Specification 0.6.96, 3.1).</summary>
    private static bool IsMultiboot(ReadOnlySpan<byte> elf)
    {
        if (!elf.StartsWith("\u007fELF"u8))
            return false;
        var head = elf[..Math.Min(elf.Length, 8192)];
        return head.IndexOf((ReadOnlySpan<byte>)[0x02, 0xb0, 0xad, 0x1b]) >= 0;
    }

    /// <summary>Every segment that is to be loaded is there (ELF32: e_phoff, e_phentsize, e_phnum; p_offset, p_filesz).</summary>
    private static bool IsWhole(ReadOnlySpan<byte> elf)
    {
        if (elf.Length < 52)
            return false;
        var (first, size, count) = (ReadUInt32LittleEndian(elf[28..]), ReadUInt16LittleEndian(elf[42..]), ReadUInt16LittleEndian(elf[44..]));
        for (var header = (ulong)first; count > 0; header += size, count--)
        {
            if (header + 20 > (ulong)elf.Length)
                return false;
            var segment = elf[(int)header..];
            if ((ulong)ReadUInt32LittleEndian(segment[4..]) + ReadUInt32LittleEndian(segment[16..]) > (ulong)elf.Length)
                return false;
        }
        return true;
    }

    /// <summary>Deflate, the only method that gzip ever had.</summary>
    private static int Next(ReadOnlySpan<byte> bytes, int from)
    {
        var at = bytes[from..].IndexOf((ReadOnlySpan<byte>)[0x1f, 0x8b, 0x08]);
        return at < 0 ? -1 : from + at;
    }

    /// <summary>Null for what is no gzip. A stream ends where it says so itself: what follows it in the file is another's.</summary>
    private static byte[]? Unpack(byte[] bytes, int at, int most)
    {
        using var plain = new MemoryStream();
        try
        {
            using var packed = new GZipStream(new MemoryStream(bytes, at, bytes.Length - at, writable: false), CompressionMode.Decompress);
            var buffer = new byte[64 * 1024];
            for (int count; plain.Length < most && (count = packed.Read(buffer)) > 0;)
                plain.Write(buffer, 0, count);
        }
        catch (InvalidDataException) when (plain.Length > 0 && at > 0)
        {
            // What follows looked like a second member of the archive.
        }
        catch (InvalidDataException)
        {
            return null;
        }
        return plain.ToArray();
    }

    private static LabException NoXen(string image, string why) => new(LabFault.Configuration,
        $"{image} is not a hypervisor that the lab can boot: {why}. Give the xen.gz or the 'xen' of a build of Xen (xen/xen.gz; not xen-syms, not xen.efi).");

    /// <summary>"# Xen/x86 4.17.5 Configuration", the first comment of a .config.</summary>
    [GeneratedRegex(@"^# Xen/x86 (?<version>\d+\.\d+)\S* Configuration", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex Title();
}
