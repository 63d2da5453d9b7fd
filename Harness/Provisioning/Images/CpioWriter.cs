using System.Globalization;
using System.Text;

namespace HvLab.Harness.Provisioning.Images;

/// <summary>
/// Writes a newc cpio archive as the kernel's initramfs reader wants it (Documentation/driver-api/early-userspace/
/// buffer-format.rst). Deterministic: entries sorted by path, owner 0, time 0, one inode number an entry.
/// </summary>
public sealed class CpioWriter
{
    private const int DirectoryType = 0x4000;
    private const int DeviceType = 0x2000;
    private const int FileType = 0x8000;
    private const int LinkType = 0xA000;

    private sealed record Entry(int Mode, Func<Stream>? Content, int DeviceMajor = 0, int DeviceMinor = 0);

    private readonly SortedDictionary<string, Entry> _entries = new(StringComparer.Ordinal);

    /// <summary>Adds a directory and its missing parents. Paths are relative to the root, without a leading slash.</summary>
    public void AddDirectory(string path, int permissions = 0x1ED /* 0755 */)
    {
        AddParents(path);
        _entries[path] = new(DirectoryType | permissions, null);
    }

    /// <summary>The root directory itself: without an entry it is writable for everybody, and sshd refuses every key.</summary>
    public void AddRoot() => _entries["."] = new(DirectoryType | 0x1ED, null);

    public void AddFile(string path, byte[] content, int permissions = 0x1A4 /* 0644 */) =>
        Add(path, new(FileType | permissions, () => new MemoryStream(content)));

    /// <summary>Adds a file of the machine; it is read when the archive is written.</summary>
    public void AddFile(string path, string source, int permissions = 0x1A4 /* 0644 */) =>
        Add(path, new(FileType | permissions, () => File.OpenRead(source)));

    public void AddLink(string path, string target) =>
        Add(path, new(LinkType | 0x1FF /* 0777 */, () => new MemoryStream(Encoding.UTF8.GetBytes(target))));

    public void AddCharacterDevice(string path, int major, int minor, int permissions = 0x180 /* 0600 */) =>
        Add(path, new(DeviceType | permissions, null, major, minor));

    public async Task WriteAsync(Stream archive, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(archive);
        var inode = 0;
        foreach (var (path, entry) in _entries)
            await WriteEntryAsync(archive, path, entry, ++inode, cancellation);
        await WriteEntryAsync(archive, "TRAILER!!!", new(0, null), 0, cancellation);
    }

    private void Add(string path, Entry entry)
    {
        AddParents(path);
        _entries[path] = entry;
    }

    private void AddParents(string path)
    {
        if (path.StartsWith('/') || path.Split('/').Any(part => part is "" or "." or ".."))
            throw new ArgumentException($"'{path}' is no relative path of plain names.", nameof(path));
        for (var parent = Path.GetDirectoryName(path); !string.IsNullOrEmpty(parent); parent = Path.GetDirectoryName(parent))
            _entries.TryAdd(parent, new(DirectoryType | 0x1ED, null));
    }

    private static async Task WriteEntryAsync(Stream archive, string path, Entry entry, int inode, CancellationToken cancellation)
    {
        await using var content = entry.Content?.Invoke();
        var size = content?.Length ?? 0;
        if (size > int.MaxValue)
            throw new InvalidDataException($"{path} has {size} bytes: too large for an archive in memory.");
        var name = Encoding.UTF8.GetBytes(path + "\0");
        var links = (entry.Mode & DirectoryType) != 0 && (entry.Mode & FileType) == 0 ? 2 : 1;
        long[] fields =
        [
            inode, entry.Mode, 0, 0, links, 0 /* time */, size, 0, 0, entry.DeviceMajor, entry.DeviceMinor, name.Length, 0 /* check */,
        ];
        var header = "070701" + string.Concat(fields.Select(field => field.ToString("X8", CultureInfo.InvariantCulture)));
        await archive.WriteAsync(Encoding.ASCII.GetBytes(header), cancellation);
        await archive.WriteAsync(name, cancellation);
        await PadAsync(archive, header.Length + name.Length, cancellation);
        if (content is not null)
            await content.CopyToAsync(archive, cancellation);
        await PadAsync(archive, size, cancellation);
    }

    /// <summary>Header with name, and content, each end on a multiple of four bytes.</summary>
    private static async Task PadAsync(Stream archive, long written, CancellationToken cancellation) =>
        await archive.WriteAsync(new byte[(4 - (int)(written & 3)) & 3], cancellation);
}
