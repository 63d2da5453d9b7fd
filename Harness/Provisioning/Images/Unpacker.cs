using System.IO.Compression;
using HvLab.Harness.Lab;
using HvLab.Harness.Provisioning.Setup;

namespace HvLab.Harness.Provisioning.Images;

/// <summary>The ways in which kernels and modules are packed.</summary>
public enum Packing { None, Gzip, Xz, Zstd, Lz4, Lzma, Bzip2, Lzo }

/// <summary>Unpacks by the packers' own tools, told apart by their first bytes.</summary>
public sealed class Unpacker(Tools tools)
{
    /// <summary>What the first bytes say; null for none of the known.</summary>
    public static Packing? Detect(ReadOnlySpan<byte> head) => head switch
    {
        [0x7f, (byte)'E', (byte)'L', (byte)'F', ..] => Packing.None,
        [0x1f, 0x8b, ..] => Packing.Gzip,
        [0xfd, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', 0, ..] => Packing.Xz,
        [0x28, 0xb5, 0x2f, 0xfd, ..] => Packing.Zstd,
        // The kernel packs in lz4's legacy format, which the tool reads too.
        [0x02, 0x21, 0x4c, 0x18, ..] or [0x04, 0x22, 0x4d, 0x18, ..] => Packing.Lz4,
        [0x5d, 0, 0, ..] => Packing.Lzma,
        [(byte)'B', (byte)'Z', (byte)'h', ..] => Packing.Bzip2,
        [0x89, (byte)'L', (byte)'Z', (byte)'O', ..] => Packing.Lzo,
        _ => null,
    };

    /// <summary>Unpacks one file into another. The source is left as it is.</summary>
    /// <param name="what">What it is and where from, for messages.</param>
    public async Task UnpackAsync(Packing packing, string source, string target, string what, CancellationToken cancellation)
    {
        switch (packing)
        {
            case Packing.None:
                File.Copy(source, target, overwrite: true);
                break;
            case Packing.Gzip:
                await GunzipAsync(source, target, what, cancellation);
                break;
            case Packing.Zstd:
                await RunAsync("zstd", ["-d", "-q", "-f", "-o", target, source], what, cancellation);
                break;
            case Packing.Lz4:
                await RunAsync("lz4", ["-d", "-q", "-f", source, target], what, cancellation);
                break;
            case Packing.Xz or Packing.Lzma:
                // xz names its output after its input.
                var (suffix, format) = packing == Packing.Xz ? (".xz", "xz") : (".lzma", "lzma");
                File.Copy(source, target + suffix, overwrite: true);
                await RunAsync("xz", ["-d", "-q", "-f", "-T0", $"--format={format}", target + suffix], what, cancellation);
                break;
            default:
                throw new LabException(LabFault.Configuration,
                    $"{what} is packed by {packing}, which the lab does not unpack. Build it with gzip, xz, zstd or lz4, or give the ELF vmlinux itself.");
        }
    }

    private async Task RunAsync(string program, string[] arguments, string what, CancellationToken cancellation) =>
        await tools.RequireAsync(LabFault.Image, $"{what} could not be unpacked: it is damaged, or not what its first bytes say.",
            program, arguments, cancellation);

    private static async Task GunzipAsync(string source, string target, string what, CancellationToken cancellation)
    {
        try
        {
            await using var packed = new GZipStream(File.OpenRead(source), CompressionMode.Decompress);
            await using var plain = File.Create(target);
            await packed.CopyToAsync(plain, cancellation);
        }
        catch (InvalidDataException damaged)
        {
            throw new LabException(LabFault.Image, $"{what} could not be unpacked: {damaged.Message}", inner: damaged);
        }
    }
}
