using System.IO.Compression;
using System.Text;
using System.Text.RegularExpressions;
using HvLab.Harness.Lab;
using HvLab.Harness.Provisioning.Images;

namespace HvLab.Harness.Provisioning.Xen;

/// <summary>What a hypervisor's file says about itself.</summary>
/// <param name="Version">"4.17"; null where the file does not say.</param>
/// <param name="Options">Lines of the configuration that it was built with, "CONFIG_MEM_PAGING=y"; empty where the file does not say.</param>
public sealed record XenImageFacts(string? Version, IReadOnlyList<string> Options);

/// <summary>A xen.gz or its multiboot ELF on the machine.</summary>
public static partial class XenImage
{
    private const long Largest = 256L << 20;

    /// <summary>Writes the ELF that the file is, or holds.</summary>
    /// <exception cref="LabException"><see cref="LabFault.Configuration"/>: it is no hypervisor that QEMU can boot.</exception>
    public static async Task ExtractAsync(string image, string target, CancellationToken cancellation)
    {
        try
        {
            await using var file = File.OpenRead(image);
            var head = new byte[2];
            await file.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false, cancellation);
            file.Position = 0;
            await using var plain = Unpacker.Detect(head) == Packing.Gzip ? new GZipStream(file, CompressionMode.Decompress) : (Stream)file;
            await using var to = File.Create(target);
            await plain.CopyToAsync(to, cancellation);
        }
        catch (InvalidDataException damaged)
        {
            throw NoXen(image, $"it begins like a xen.gz and cannot be unpacked ({damaged.Message})", damaged);
        }
        catch (Exception unreadable) when (unreadable is FileNotFoundException or DirectoryNotFoundException or UnauthorizedAccessException)
        {
            throw new LabException(LabFault.Configuration, $"The hypervisor {image} could not be read: {unreadable.Message} Check --xen.", inner: unreadable);
        }
        if (new FileInfo(target).Length > Largest)
            throw NoXen(image, "it is larger than any hypervisor");
        if (!IsMultiboot(await File.ReadAllBytesAsync(target, cancellation)))
            throw NoXen(image, "it is no ELF file with a multiboot header");
    }

    /// <summary>
    /// From the configuration that Xen carries, packed by gzip, where CONFIG_HYPFS_CONFIG is on, as it is by default: the
    /// version is nowhere else in the file as text (xen/common/hypfs.c, xen_config_data).
    /// </summary>
    public static async Task<XenImageFacts> ReadAsync(string elf, CancellationToken cancellation)
    {
        var bytes = await File.ReadAllBytesAsync(elf, cancellation);
        for (var at = Next(bytes, 0); at >= 0; at = Next(bytes, at + 1))
            if (Unpack(bytes, at) is { } text && Title().Match(text) is { Success: true } title)
                return new(title.Groups["version"].Value,
                    [.. text.Split('\n').Where(line => line.StartsWith("CONFIG_", StringComparison.Ordinal))]);
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

    /// <summary>Deflate, the only method that gzip ever had.</summary>
    private static int Next(ReadOnlySpan<byte> bytes, int from)
    {
        var at = bytes[from..].IndexOf((ReadOnlySpan<byte>)[0x1f, 0x8b, 0x08]);
        return at < 0 ? -1 : from + at;
    }

    private static string? Unpack(byte[] bytes, int at)
    {
        const int Most = 1 << 20;
        try
        {
            using var packed = new GZipStream(new MemoryStream(bytes, at, bytes.Length - at, writable: false), CompressionMode.Decompress);
            var text = new byte[Most];
            // A stream ends where gzip says so; what follows in the file is none, which is no damage.
            var length = 0;
            try
            {
                for (int count; length < Most && (count = packed.Read(text, length, Most - length)) > 0; length += count)
                {
                }
            }
            catch (InvalidDataException) when (length > 0)
            {
            }
            return Encoding.ASCII.GetString(text, 0, length);
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }

    private static LabException NoXen(string image, string why, Exception? inner = null) => new(LabFault.Configuration,
        $"{image} is not a hypervisor that the lab can boot: {why}. Give the xen.gz or the 'xen' of a build of Xen (xen/xen.gz; not xen-syms, not xen.efi).", inner: inner);

    /// <summary>"# Xen/x86 4.17.5 Configuration", the first comment of a .config.</summary>
    [GeneratedRegex(@"^# Xen/x86 (?<version>\d+\.\d+)\S* Configuration", RegexOptions.Multiline | RegexOptions.ExplicitCapture)]
    private static partial Regex Title();
}
