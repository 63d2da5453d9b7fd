using HvLab.Harness.Provisioning.Boxes;
using HvLab.Harness.Provisioning.Cache;
using HvLab.Harness.Provisioning.Images;
using HvLab.Harness.Provisioning.Setup;
using HvLab.Harness.Tests.Reports;

namespace HvLab.Harness.Tests.Faults;

using HvLab.Harness.Tests.Images;
using Lab = HvLab.Harness.Tests.Images.Lab;

/// <summary>Whatever became of what is in the cache, it is dropped and made again; nobody has to delete it by hand.</summary>
public sealed class CorruptCacheTests
{
    [TestCase("")]
    [TestCase("end\n")]
    [TestCase("\0garbage\n\n")]
    [TestCase("no line of ours\nend\n")]
    [TestCase("hash 4 fi\0le\nend\n")]
    [TestCase("hash 99999999999999999999 file\nend\n")]
    public async Task An_entry_with_a_foreign_manifest_is_built_again(string manifest)
    {
        using var scratch = new Scratch();
        var entry = await BuildAsync(scratch);
        File.WriteAllText(CacheManifest.PathIn(entry), manifest);
        File.Delete(Path.Combine(entry, "file"));
        Assert.That(File.ReadAllText(Path.Combine(await BuildAsync(scratch), "file")), Is.EqualTo("text"));
        Assert.That(await CacheManifest.HashesMatchAsync(entry, default));
    }

    [TestCase("file of no bytes")]
    [TestCase("entry is an empty file")]
    [TestCase("entry is an empty directory")]
    [TestCase("manifest is a directory")]
    public async Task An_entry_that_is_something_else_is_built_again(string damage)
    {
        using var scratch = new Scratch();
        var entry = await BuildAsync(scratch);
        switch (damage)
        {
            case "file of no bytes": File.WriteAllText(Path.Combine(entry, "file"), ""); break;
            case "manifest is a directory":
                File.Delete(CacheManifest.PathIn(entry));
                Directory.CreateDirectory(CacheManifest.PathIn(entry));
                break;
            default:
                Directory.Delete(entry, recursive: true);
                if (damage == "entry is an empty file")
                    File.WriteAllText(entry, "");
                else
                    Directory.CreateDirectory(entry);
                break;
        }
        Assert.That(File.ReadAllText(Path.Combine(await BuildAsync(scratch), "file")), Is.EqualTo("text"));
        Assert.That(Directory.GetDirectories(scratch["kind"]), Is.EqualTo(new[] { entry }));
    }

    [TestCase("client", 40)]
    [TestCase("client", 0)]
    [TestCase("host", 40)]
    [TestCase("known_hosts", 3)]
    public async Task A_truncated_key_of_the_lab_is_made_again_with_all_others(string name, int length)
    {
        using var scratch = new Scratch();
        var keys = await KeysAsync(scratch);
        var path = Path.Combine(keys.Directory, name);
        var whole = File.ReadAllBytes(path);
        File.WriteAllBytes(path, whole[..length]);
        keys = await KeysAsync(scratch);
        Assert.Multiple(() =>
        {
            Assert.That(new FileInfo(path).Length, Is.GreaterThan(length));
            Assert.That(CacheManifest.HashesMatch(keys.Directory));
            Assert.That(File.ReadAllText(keys.KnownHosts), Does.Contain(File.ReadAllText($"{keys.HostKey}.pub").Split(' ')[1]));
        });
    }

    [TestCase("memory cut")]
    [TestCase("memory gone")]
    [TestCase("memory touched")]
    [TestCase("entry gone")]
    [TestCase("entry: garbage")]
    [TestCase("entry: ")]
    [TestCase("entry: null")]
    [TestCase("entry: {}")]
    [TestCase("no facts")]
    [TestCase("a file")]
    public async Task A_damaged_snapshot_is_not_found_and_makes_room_for_a_new_one(string damage)
    {
        using var scratch = new Scratch();
        var store = new SnapshotStore(scratch.Path, Lab.Bounds, TimeProvider.System);
        await PublishAsync(store);
        var snapshot = await store.FindAsync("key", default);
        Assert.That(snapshot, Is.Not.Null);
        var directory = scratch["snapshots/key"];
        var entry = Path.Combine(directory, "entry.json");
        switch (damage)
        {
            case "memory cut": File.WriteAllText(snapshot!.MemoryFile, "mem"); break;
            case "memory gone": File.Delete(snapshot!.MemoryFile); break;
            case "memory touched": File.SetLastWriteTimeUtc(snapshot!.MemoryFile, DateTime.UnixEpoch); break;
            case "entry gone": File.Delete(entry); break;
            case "no facts":
                var text = File.ReadAllText(entry);
                File.WriteAllText(entry, text[..(text.IndexOf("\"Facts\":", StringComparison.Ordinal) + 8)] + "null}");
                break;
            case "a file":
                Directory.Delete(directory, recursive: true);
                File.WriteAllText(directory, "");
                break;
            default: File.WriteAllText(entry, damage["entry: ".Length..]); break;
        }
        Assert.That(await store.FindAsync("key", default), Is.Null);
        Assert.That(Path.Exists(directory), Is.False, "dropped");
        await PublishAsync(store);
        Assert.That(await store.FindAsync("key", default), Is.EqualTo(snapshot).Using<Snapshot>((one, other) => one.MemoryFile == other.MemoryFile));
    }

    [TestCase("")]
    [TestCase("garbage")]
    [TestCase("\0\0\0\0\n\0\n\n")]
    public async Task A_record_of_resolved_packages_that_is_garbage_is_resolved_again(string garbage)
    {
        using var scratch = new Scratch();
        var cache = new ContentCache(scratch.Path, Lab.Bounds, TimeProvider.System);
        var packages = new DebianPackages(new(Lab.Bounds, TimeProvider.System), cache);
        var first = await packages.ResolveAsync(["busybox-static"], Lab.Progress, default);
        var record = Directory.GetFiles(scratch["apt"], "resolved-*").Single();
        var whole = File.ReadAllText(record);
        File.WriteAllText(record, garbage);
        var again = await packages.ResolveAsync(["busybox-static"], Lab.Progress, default);
        Assert.That(again, Is.EqualTo(first));
        Assert.That(File.ReadAllText(record), Is.EqualTo(whole));
    }

    private static Task<string> BuildAsync(Scratch scratch) => new ContentCache(scratch.Path, Lab.Bounds, TimeProvider.System)
        .GetOrBuildAsync("kind", "abc", (directory, token) => File.WriteAllTextAsync(Path.Combine(directory, "file"), "text", token), default);

    private static Task<LabKeys> KeysAsync(Scratch scratch) => LabKeys.EnsureAsync(
        new(scratch.Path, Lab.Bounds, TimeProvider.System), new(Lab.Bounds, TimeProvider.System), Lab.Progress, default);

    private static async Task PublishAsync(SnapshotStore store)
    {
        var staging = store.CreateStaging();
        File.WriteAllText(Path.Combine(staging, SnapshotStore.MemoryName), "memory");
        await store.PublishAsync(staging, "key", SampleRuns.Host, default);
    }
}
