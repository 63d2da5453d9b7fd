using System.Diagnostics;
using HvLab.Harness.Lab;
using HvLab.Harness.Provisioning.Cache;

namespace HvLab.Harness.Tests.Images;

public sealed class CacheTests
{
    private static ContentCache Cache(Scratch at) => new(at.Path, Lab.Bounds, TimeProvider.System);

    private static Func<string, CancellationToken, Task> Writing(string text, Action? built = null) => async (directory, token) =>
    {
        built?.Invoke();
        Directory.CreateDirectory(Path.Combine(directory, "below"));
        await File.WriteAllTextAsync(Path.Combine(directory, "below", "file"), text, token);
    };

    [Test]
    public async Task An_entry_is_built_once_and_found_again()
    {
        using var scratch = new Scratch();
        var builds = 0;
        var first = await Cache(scratch).GetOrBuildAsync("kind", "abc", Writing("text", () => builds++), default);
        var again = await Cache(scratch).GetOrBuildAsync("kind", "abc", Writing("text", () => builds++), default);
        Assert.Multiple(() =>
        {
            Assert.That(again, Is.EqualTo(first));
            Assert.That(builds, Is.EqualTo(1));
            Assert.That(File.ReadAllText(Path.Combine(first, "below/file")), Is.EqualTo("text"));
        });
    }

    [Test]
    public async Task Many_that_want_one_entry_at_once_build_it_once()
    {
        using var scratch = new Scratch();
        var builds = 0;
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => Cache(scratch).GetOrBuildAsync("kind", "abc", async (directory, token) =>
        {
            Interlocked.Increment(ref builds);
            await Task.Delay(100, token);
            await File.WriteAllTextAsync(Path.Combine(directory, "file"), "x", token);
        }, default))));
        Assert.That(builds, Is.EqualTo(1));
    }

    [TestCase("truncated")]
    [TestCase("file gone")]
    [TestCase("manifest cut")]
    [TestCase("manifest gone")]
    public async Task A_damaged_entry_is_built_again(string damage)
    {
        using var scratch = new Scratch();
        var entry = await Cache(scratch).GetOrBuildAsync("kind", "abc", Writing("text"), default);
        var file = Path.Combine(entry, "below/file");
        var manifest = CacheManifest.PathIn(entry);
        switch (damage)
        {
            case "truncated": File.WriteAllText(file, "te"); break;
            case "file gone": File.Delete(file); break;
            case "manifest cut": File.WriteAllText(manifest, File.ReadAllText(manifest)[..^4]); break;
            default: File.Delete(manifest); break;
        }
        await Cache(scratch).GetOrBuildAsync("kind", "abc", Writing("text"), default);
        Assert.That(File.ReadAllText(file), Is.EqualTo("text"));
    }

    [Test]
    public async Task A_changed_byte_of_equal_size_is_found_by_the_thorough_check_and_dropped()
    {
        using var scratch = new Scratch();
        var cache = Cache(scratch);
        var entry = await cache.GetOrBuildAsync("kind", "abc", Writing("text"), default);
        Assert.That(await cache.FindCorruptAsync(default), Is.Empty);
        File.WriteAllText(Path.Combine(entry, "below/file"), "tExt");
        Assert.That(await cache.FindCorruptAsync(default), Is.EqualTo(new[] { entry }));
        await cache.DropAsync(entry, default);
        Assert.That(Directory.Exists(entry), Is.False);
    }

    [Test]
    public async Task A_full_disk_is_named_with_path_and_free_space_and_leaves_nothing_half_built()
    {
        using var scratch = new Scratch();
        var trouble = await Assert.ThrowsAsync<LabException>(() => Cache(scratch).GetOrBuildAsync("kind", "abc", async (directory, token) =>
        {
            await File.WriteAllTextAsync(Path.Combine(directory, "file"), "part", token);
            // Writing to it fails as writing to a full disk does.
            await using var full = new FileStream("/dev/full", FileMode.Open, FileAccess.Write);
            await full.WriteAsync(new byte[8192], token);
            await full.FlushAsync(token);
        }, default));
        Assert.Multiple(() =>
        {
            Assert.That(trouble!.Reason, Is.EqualTo(LabFault.DiskFull));
            Assert.That(trouble.Message, Does.Contain(scratch.Path).And.Contain("MiB are free").And.Contain("HVLAB_CACHE"));
            Assert.That(Directory.GetDirectories(scratch["kind"]), Is.Empty);
        });
    }

    [Test]
    public async Task A_tool_that_meets_a_full_disk_says_the_same()
    {
        using var scratch = new Scratch();
        var trouble = await Assert.ThrowsAsync<LabException>(() => Cache(scratch).GetOrBuildAsync("kind", "abc",
            (_, _) => throw new LabException(LabFault.Image, "xz failed", "xz: vmlinux: Write error: No space left on device"), default));
        Assert.That(trouble!.Reason, Is.EqualTo(LabFault.DiskFull));
    }

    [Test]
    public async Task A_build_that_fails_leaves_no_entry_and_keeps_its_own_message()
    {
        using var scratch = new Scratch();
        await Assert.ThrowsAsync<InvalidOperationException>(() => Cache(scratch).GetOrBuildAsync("kind", "abc", (_, _) => throw new InvalidOperationException("mine"), default));
        Assert.That(Directory.GetDirectories(scratch["kind"]), Is.Empty);
    }

    [Test]
    public async Task Only_the_last_used_entries_of_a_kept_kind_stay()
    {
        using var scratch = new Scratch();
        var cache = Cache(scratch);
        foreach (var (key, hours) in new[] { ("a", 5), ("b", 9), ("c", 2) })
            Directory.SetLastWriteTimeUtc(await cache.GetOrBuildAsync("kind", key, Writing(key), default), DateTime.UtcNow.AddHours(-hours));
        await cache.GetOrBuildAsync("kind", "a", Writing("a"), default, keep: 2); // used again: the newest
        await cache.GetOrBuildAsync("kind", "d", Writing("d"), default, keep: 2);
        Assert.That(Directory.GetDirectories(scratch["kind"]).Select(Path.GetFileName), Is.EquivalentTo(new[] { "a", "d" }));
    }

    [Test]
    public async Task A_builder_killed_in_the_middle_leaves_no_entry_no_lock_and_its_leftovers_are_swept()
    {
        using var scratch = new Scratch();
        using var child = Process.Start(new ProcessStartInfo("dotnet",
            ["exec", typeof(CacheTests).Assembly.Location, CacheChild.Word, scratch.Path]) { RedirectStandardOutput = true })!;
        Assert.That(await child.StandardOutput.ReadLineAsync(), Is.EqualTo("building"));
        Assert.That(Directory.GetDirectories(scratch["kind"], ".half-abc-*"), Has.Length.EqualTo(1));
        child.Kill(); // SIGKILL
        await child.WaitForExitAsync();

        var entry = await Cache(scratch).GetOrBuildAsync("kind", "abc", Writing("whole"), default);
        Assert.Multiple(() =>
        {
            Assert.That(File.ReadAllText(Path.Combine(entry, "below/file")), Is.EqualTo("whole"));
            Assert.That(Directory.GetDirectories(scratch["kind"]), Is.EqualTo(new[] { entry }));
        });
    }
}

/// <summary>A builder in a process of its own that never ends by itself: something to kill.</summary>
internal static class CacheChild
{
    public const string Word = "cache-child";

    public static async Task RunAsync(string root) =>
        await new ContentCache(root, Lab.Bounds, TimeProvider.System).GetOrBuildAsync("kind", "abc", async (directory, token) =>
        {
            await File.WriteAllTextAsync(Path.Combine(directory, "half"), "half", token);
            await Console.Out.WriteLineAsync("building");
            await Task.Delay(Timeout.Infinite, token);
        }, default);
}
