using System.Globalization;
using System.Text.Json;
using HvLab.Harness.Drivers.Processes;
using HvLab.Harness.Lab;
using HvLab.Harness.Lab.Configuration;

namespace HvLab.Harness.Provisioning.Boxes;

/// <summary>What lies beside a snapshot's memory: enough to know it untouched, and the facts of the host inside.</summary>
internal sealed record SnapshotEntry
{
    public required long Length { get; init; }
    public required long ModifiedTicks { get; init; }
    public required HostFacts Facts { get; init; }
}

/// <summary>A published snapshot.</summary>
internal sealed record Snapshot(string Key, string MemoryFile, HostFacts Facts);

/// <summary>
/// Verified snapshots under the cache, one directory a key. A directory gets its final name only when it is complete and
/// verified, by one rename, so a kill at any moment leaves either nothing or a staging directory that the next sweep removes.
/// </summary>
internal sealed class SnapshotStore(string cache, Bounds bounds, TimeProvider clock)
{
    public const string MemoryName = "memory.qemu";
    private const string EntryName = "entry.json";
    private const string Staging = ".staging-";
    private const string Trash = ".trash-";
    /// <summary>Each takes some 120 MB of disk; more releases than this are rarely in use at a time.</summary>
    private const int Kept = 8;

    private readonly string _directory = Path.Combine(cache, "snapshots");

    /// <summary>Null where there is none, or none that is as it was published (that one is dropped).</summary>
    public async Task<Snapshot?> FindAsync(string key, CancellationToken cancellation)
    {
        var directory = Path.Combine(_directory, key);
        if (!Path.Exists(directory))
            return null;
        try
        {
            var entry = JsonSerializer.Deserialize(await File.ReadAllBytesAsync(Path.Combine(directory, EntryName), cancellation), BoxesJson.Default.SnapshotEntry);
            var memory = new FileInfo(Path.Combine(directory, MemoryName));
            // "required" lets a null through.
            if (entry is { Facts: not null } && memory.Exists && memory.Length == entry.Length && memory.LastWriteTimeUtc.Ticks == entry.ModifiedTicks)
                return new(key, memory.FullName, entry.Facts);
        }
        catch (Exception damaged) when (damaged is JsonException or IOException or UnauthorizedAccessException)
        {
            // Dropped below, as a damaged memory file is.
        }
        await DropAsync(key, cancellation);
        return null;
    }

    /// <summary>A new directory that nobody else looks at, named after this process.</summary>
    public string CreateStaging()
    {
        var self = ProcessIdentity.Self;
        return Directory.CreateDirectory(Path.Combine(_directory, string.Create(CultureInfo.InvariantCulture,
            $"{Staging}{self.Pid}-{self.StartTicks}-{Guid.NewGuid():n}"))).FullName;
    }

    /// <summary>Gives a verified staging directory its name. Where another run was faster, its snapshot stays and this one goes.</summary>
    public async Task PublishAsync(string staging, string key, HostFacts facts, CancellationToken cancellation)
    {
        var memory = new FileInfo(Path.Combine(staging, MemoryName));
        var entry = new SnapshotEntry { Length = memory.Length, ModifiedTicks = memory.LastWriteTimeUtc.Ticks, Facts = facts };
        await File.WriteAllBytesAsync(Path.Combine(staging, EntryName),
            JsonSerializer.SerializeToUtf8Bytes(entry, BoxesJson.Default.SnapshotEntry), cancellation);
        using var held = await LockAsync(cancellation);
        var final = Path.Combine(_directory, key);
        if (Directory.Exists(final))
            Directory.Delete(staging, recursive: true);
        else
            Directory.Move(staging, final);
        Evict();
    }

    public async Task DropAsync(string key, CancellationToken cancellation)
    {
        using var held = await LockAsync(cancellation);
        var final = Path.Combine(_directory, key);
        if (File.Exists(final))
            File.Delete(final);
        else if (Directory.Exists(final))
            Discard(final);
    }

    /// <summary>Removes what killed runs left. Cheap where there is nothing.</summary>
    public void Sweep()
    {
        if (!Directory.Exists(_directory))
            return;
        foreach (var path in Directory.EnumerateDirectories(_directory, ".*"))
        {
            var name = Path.GetFileName(path);
            if (name.StartsWith(Trash, StringComparison.Ordinal) || (name.StartsWith(Staging, StringComparison.Ordinal) && !IsOwned(name)))
                DeleteIfPossible(path);
        }
    }

    /// <summary>Renamed first: a half-deleted directory must not carry a key.</summary>
    private void Discard(string directory)
    {
        var trash = Path.Combine(_directory, Trash + Guid.NewGuid().ToString("n"));
        Directory.Move(directory, trash);
        DeleteIfPossible(trash);
    }

    private void Evict()
    {
        foreach (var old in new DirectoryInfo(_directory).EnumerateDirectories()
            .Where(entry => !entry.Name.StartsWith('.')).OrderByDescending(entry => entry.LastWriteTimeUtc).Skip(Kept))
            Discard(old.FullName);
    }

    private Task<IDisposable> LockAsync(CancellationToken cancellation) =>
        FileLock.TakeAsync(Path.Combine(_directory, ".lock"), bounds.Restore, clock, cancellation);

    private static bool IsOwned(string stagingName)
    {
        var words = stagingName[Staging.Length..].Split('-');
        return words.Length == 3
            && int.TryParse(words[0], CultureInfo.InvariantCulture, out var pid)
            && long.TryParse(words[1], CultureInfo.InvariantCulture, out var ticks)
            && new ProcessIdentity(pid, ticks).IsAlive;
    }

    private static void DeleteIfPossible(string directory)
    {
        try
        {
            Directory.Delete(directory, recursive: true);
        }
        catch (IOException)
        {
            // Another run sweeps at the same time, or the next one will.
        }
    }
}
