using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace HvLab.Harness.Provisioning.Cache;

/// <summary>
/// What an entry consists of: written last, so that its presence says that the build reached its end. Text, one file a line
/// ("hash size path") and a last line "end": read in a fraction of the time that JSON's reflection takes to warm up.
/// </summary>
public static class CacheManifest
{
    private const string End = "end";
    private const string FileName = "manifest";

    /// <summary>One file: path relative to the entry, bytes, SHA-256 in lower-case hex.</summary>
    public sealed record Line(string Path, long Size, string Sha256);

    public static string PathIn(string entry) => Path.Combine(entry, FileName);

    /// <summary>Hashes every file and brings it to the disk, then does the same for the manifest.</summary>
    public static async Task WriteAsync(string entry, CancellationToken cancellation)
    {
        var lines = new List<Line>();
        foreach (var file in Directory.EnumerateFiles(entry, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            await using var stream = File.OpenRead(file);
            lines.Add(new(Path.GetRelativePath(entry, file), stream.Length, await HashAsync(stream, cancellation)));
            RandomAccess.FlushToDisk(stream.SafeFileHandle);
        }
        var text = string.Concat(lines.Select(line => string.Create(CultureInfo.InvariantCulture, $"{line.Sha256} {line.Size} {line.Path}\n")));
        await using var manifest = File.Create(PathIn(entry));
        await manifest.WriteAsync(Encoding.UTF8.GetBytes(text + End + "\n"), cancellation);
        manifest.Flush(flushToDisk: true);
    }

    /// <summary>True where there is a manifest and every file has its size: one stat call a file.</summary>
    public static bool SizesMatch(string entry) =>
        Read(entry)?.All(line => new FileInfo(Path.Combine(entry, line.Path)) is { Exists: true } file && file.Length == line.Size) ?? false;

    /// <summary>True where every file has its size and its hash: reads all of them.</summary>
    public static async Task<bool> HashesMatchAsync(string entry, CancellationToken cancellation)
    {
        if (!SizesMatch(entry))
            return false;
        foreach (var line in Read(entry)!)
        {
            await using var stream = File.OpenRead(Path.Combine(entry, line.Path));
            if (await HashAsync(stream, cancellation) != line.Sha256)
                return false;
        }
        return true;
    }

    /// <summary>As <see cref="HashesMatchAsync"/>, for entries of a few kilobytes that are looked at in each run.</summary>
    public static bool HashesMatch(string entry) => SizesMatch(entry)
        && Read(entry)!.All(line => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(Path.Combine(entry, line.Path)))) == line.Sha256);

    /// <summary>The hash that was taken when the file was built.</summary>
    public static string HashOf(string entry, string path) => Read(entry)!.Single(line => line.Path == path).Sha256;

    /// <summary>Null for no manifest, or one that is not whole.</summary>
    private static List<Line>? Read(string entry)
    {
        if (!File.Exists(PathIn(entry)))
            return null;
        var text = File.ReadAllLines(PathIn(entry));
        if (text.Length == 0 || text[^1] != End)
            return null;
        var lines = new List<Line>();
        foreach (var fields in text[..^1].Select(line => line.Split(' ', 3)))
        {
            if (fields.Length != 3 || fields[2].Contains('\0', StringComparison.Ordinal) || !long.TryParse(fields[1], NumberStyles.None, CultureInfo.InvariantCulture, out var size))
                return null;
            lines.Add(new(fields[2], size, fields[0]));
        }
        // Of no files everything is true: an entry without any was never built.
        return lines.Count > 0 ? lines : null;
    }

    private static async Task<string> HashAsync(Stream stream, CancellationToken cancellation) =>
        Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, cancellation));
}
