using HvLab.Harness.Lab;
using HvLab.Harness.Lab.Configuration;

namespace HvLab.Harness.Provisioning.Cache;

/// <summary>
/// Directories of files, addressed by everything that went into them: <c>root/kind/key/</c>. An entry is there whole or not
/// at all, whoever is killed when; two processes that want one entry build it once.
/// </summary>
public sealed class ContentCache(string root, Bounds bounds, TimeProvider time)
{
    public string Root { get; } = root;

    /// <summary>
    /// The directory of an entry, built when it is missing or its files are not those of its manifest (sizes; hashes are
    /// compared by <see cref="FindCorruptAsync"/> only, because they would cost more than the run).
    /// </summary>
    /// <param name="kind">What it is, for instance "root": a directory name.</param>
    /// <param name="key">Lower-case hex hash of all inputs.</param>
    /// <param name="build">Fills the directory it is given. Regular files only.</param>
    /// <param name="validate">Says what is wrong with a finished directory, or null; null for nothing to check.</param>
    /// <param name="waiting">Told once when another process is building the same entry.</param>
    /// <param name="keep">How many entries of this kind stay, the last used ones; for kinds of which every build of a developer adds one.</param>
    /// <exception cref="LabException"><see cref="LabFault.DiskFull"/> or <see cref="LabFault.Image"/>; nothing half-built is left.</exception>
    public async Task<string> GetOrBuildAsync(
        string kind, string key, Func<string, CancellationToken, Task> build, CancellationToken cancellation,
        Func<string, string?>? validate = null, IProgress<string>? waiting = null, int keep = int.MaxValue)
    {
        ArgumentNullException.ThrowIfNull(build);
        var entry = Path.Combine(Root, kind, key);
        if (IsWhole(entry, validate))
        {
            if (keep < int.MaxValue)
                Directory.SetLastWriteTimeUtc(entry, time.GetUtcNow().UtcDateTime);
            return entry;
        }

        DiskSpace.Guard(Root, () => Directory.CreateDirectory(Path.Combine(Root, kind)));
        using var held = await KeyLock.TakeAsync(
            $"{entry}.lock", $"{kind}/{key[..Math.Min(12, key.Length)]}", bounds, time, waiting, cancellation);
        SweepLeftovers(kind, key);
        if (IsWhole(entry, validate))
            return entry;

        Remove(entry);
        var half = Path.Combine(Root, kind, $".half-{key}-{Guid.NewGuid():N}");
        try
        {
            await DiskSpace.GuardAsync(half, async () =>
            {
                Directory.CreateDirectory(half);
                await build(half, cancellation);
                await CacheManifest.WriteAsync(half, cancellation);
            });
            if (validate?.Invoke(half) is { } wrong)
                throw new LabException(LabFault.Image,
                    $"The {kind} that was just built is not usable: {wrong}. It was removed from {Root}; run the command again, "
                    + "and if it happens again, './hvlab doctor' shows what this machine builds with.");
            // The files are on the disk before the name is: a crash leaves either no entry or a whole one.
            Directory.Move(half, entry);
            Trim(kind, keep);
            return entry;
        }
        finally
        {
            Remove(half);
        }
    }

    /// <summary>Reads every file of every entry; the entries whose hashes differ from their manifests, for doctor.</summary>
    public async Task<IReadOnlyList<string>> FindCorruptAsync(CancellationToken cancellation)
    {
        var corrupt = new List<string>();
        if (!Directory.Exists(Root))
            return corrupt;
        foreach (var kind in Directory.GetDirectories(Root))
            foreach (var entry in Directory.GetDirectories(kind).Where(e => File.Exists(CacheManifest.PathIn(e))))
                if (!await CacheManifest.HashesMatchAsync(entry, cancellation))
                    corrupt.Add(entry);
        return corrupt;
    }

    /// <summary>Drops one entry, for instance one of <see cref="FindCorruptAsync"/>; the next use builds it again.</summary>
    public async Task DropAsync(string entry, CancellationToken cancellation)
    {
        using var held = await KeyLock.TakeAsync($"{entry}.lock", Path.GetFileName(entry), bounds, time, null, cancellation);
        Remove(entry);
    }

    private static bool IsWhole(string entry, Func<string, string?>? validate) =>
        CacheManifest.SizesMatch(entry) && validate?.Invoke(entry) is null;

    /// <summary>Whoever holds the key's lock is the only builder: any half of the key belongs to a killed one.</summary>
    private void SweepLeftovers(string kind, string key)
    {
        foreach (var half in Directory.GetDirectories(Path.Combine(Root, kind), ".half-*"))
        {
            var owner = Path.GetFileName(half)[".half-".Length..].Split('-')[0];
            if (owner == key)
                Remove(half);
            else if (KeyLock.TryTake(Path.Combine(Root, kind, $"{owner}.lock")) is { } free)
                using (free)
                    Remove(half);
        }
    }

    /// <summary>What was used within the hour stays too: a run may be booting it.</summary>
    private void Trim(string kind, int keep)
    {
        var recent = time.GetUtcNow().UtcDateTime.AddHours(-1);
        foreach (var old in new DirectoryInfo(Path.Combine(Root, kind)).GetDirectories().Where(d => !d.Name.StartsWith('.'))
            .OrderByDescending(d => d.LastWriteTimeUtc).Skip(keep).Where(d => d.LastWriteTimeUtc < recent))
            if (KeyLock.TryTake($"{old.FullName}.lock") is { } free)
                using (free)
                    Remove(old.FullName);
    }

    /// <summary>Renamed first, so that a kill in the middle of the removal leaves no entry that looks whole.</summary>
    private static void Remove(string directory)
    {
        if (File.Exists(directory))
            File.Delete(directory); // in an entry's place: what a repaired file system may leave
        if (!Directory.Exists(directory))
            return;
        var name = Path.GetFileName(directory);
        if (!name.StartsWith(".half-", StringComparison.Ordinal))
        {
            var doomed = Path.Combine(Path.GetDirectoryName(directory)!, $".half-{name}-{Guid.NewGuid():N}");
            Directory.Move(directory, doomed);
            directory = doomed;
        }
        Directory.Delete(directory, recursive: true);
    }
}
