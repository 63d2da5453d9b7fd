using System.Diagnostics;
using HvLab.Harness.Provisioning.Images;

namespace HvLab.Harness.Tests.Images;

public sealed class ImageBuilderTests
{
    private static Task<BootArtifacts> EnsureAsync(Harness.Lab.Configuration.Release release) =>
        new ImageBuilder(Lab.Paths, Lab.Bounds, TimeProvider.System).EnsureAsync(release, Lab.Progress, CancellationToken.None);

    [Test]
    public async Task A_release_becomes_a_small_bootable_pair_and_asking_again_costs_next_to_nothing()
    {
        var first = await EnsureAsync(Lab.Kvm61);
        var clock = Stopwatch.StartNew();
        var again = await EnsureAsync(Lab.Kvm61);
        TestContext.Progress.WriteLine($"everything cached: {clock.Elapsed.TotalMilliseconds:F1} ms; kernel {first.Kernel} initramfs {first.Initramfs}");
        Assert.Multiple(() =>
        {
            Assert.That(again.Key, Is.EqualTo(first.Key));
            Assert.That(new FileInfo(first.Initramfs).Length, Is.LessThan(24 << 20));
            Assert.That(clock.Elapsed, Is.LessThan(TimeSpan.FromSeconds(1)));
        });
    }
}
