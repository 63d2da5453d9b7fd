using HvLab.Harness.Lab;
using HvLab.Harness.Lab.Configuration;
using HvLab.Harness.Provisioning.Kernels;

namespace HvLab.Harness.Tests.Kernels;

public sealed class CacheSlotTests
{
    private string _root = "";
    private string Entry => Path.Combine(_root, "kind", "key");

    [SetUp]
    public void MakeRoot() => _root = Directory.CreateTempSubdirectory("hvlab-slot-").FullName;

    [TearDown]
    public void RemoveRoot() => Directory.Delete(_root, recursive: true);

    [Test]
    public async Task Two_at_once_fill_it_once()
    {
        var fills = 0;
        async Task Fill(string directory, CancellationToken stop)
        {
            Interlocked.Increment(ref fills);
            await Task.Delay(TimeSpan.FromMilliseconds(200), stop);
            await File.WriteAllTextAsync(Path.Combine(directory, "file"), "whole", stop);
        }
        var both = await Task.WhenAll(Get(Fill), Get(Fill));
        Assert.Multiple(() =>
        {
            Assert.That(fills, Is.EqualTo(1));
            Assert.That(both.Select(each => each.Cached), Is.EquivalentTo(new[] { false, true }));
            Assert.That(File.ReadAllText(Path.Combine(Entry, "file")), Is.EqualTo("whole"));
        });
    }

    [Test]
    public async Task A_fill_that_fails_leaves_nothing_and_the_next_one_works()
    {
        Assert.That(async () => await Get((_, _) => throw new LabException(LabFault.Build, "no")), Throws.TypeOf<LabException>());
        Assert.That(Directory.GetDirectories(Path.GetDirectoryName(Entry)!), Is.Empty);
        Assert.That((await Get((_, _) => Task.CompletedTask)).Cached, Is.False);
    }

    [Test]
    public async Task What_a_killed_fill_left_is_swept_and_never_used()
    {
        Directory.CreateDirectory(Entry + ".half-of-the-dead");
        var (directory, cached) = await Get((_, _) => Task.CompletedTask);
        Assert.Multiple(() =>
        {
            Assert.That(cached, Is.False);
            Assert.That(Directory.GetDirectories(Path.GetDirectoryName(Entry)!), Is.EqualTo(new[] { directory }));
        });
    }

    [Test]
    public async Task What_is_not_valid_any_more_is_filled_again()
    {
        await Get((_, _) => Task.CompletedTask);
        var again = await Get((_, _) => Task.CompletedTask, valid: _ => false);
        Assert.That(again.Cached, Is.False);
    }

    [Test]
    public async Task A_lock_held_too_long_says_whose_to_look_for()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Entry)!);
        await using var held = new FileStream(Entry + ".lock", FileMode.Create, FileAccess.ReadWrite, FileShare.None);
        Assert.That(async () => await Get((_, _) => Task.CompletedTask, setup: TimeSpan.FromMilliseconds(300)),
            Throws.TypeOf<LabException>().With.Message.Contains(Entry + ".lock"));
    }

    private Task<(string Directory, bool Cached)> Get(
        Func<string, CancellationToken, Task> fill, Func<string, bool>? valid = null, TimeSpan? setup = null) =>
        new CacheSlot(Entry, new Bounds { Setup = setup ?? TimeSpan.FromSeconds(30) }, TimeProvider.System)
            .GetOrFillAsync(valid ?? (_ => true), fill, CancellationToken.None);
}
