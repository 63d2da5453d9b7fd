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
        });
    }

    [Test]
    public async Task A_developers_kernel_and_changed_module_replace_the_packages_and_nothing_else()
    {
        using var scratch = new Scratch();
        var stock = await EnsureAsync(Lab.Kvm61);
        // The unpacked ELF of the package serves as a developer's kernel, and its modules as his build.
        var modules = Path.Combine(Path.GetDirectoryName(stock.Kernel)!, "modules");
        Directory.CreateDirectory(scratch["build/arch/x86/kvm"]);
        File.Copy(Path.Combine(modules, "kvm.ko"), scratch["build/arch/x86/kvm/kvm.ko"]);
        File.Copy(stock.Kernel, scratch["vmlinux"]);
        await using (var kernel = File.OpenWrite(scratch["vmlinux"]))
        {
            kernel.Position = kernel.Length;
            await kernel.WriteAsync(Guid.NewGuid().ToByteArray());
        }
        await File.AppendAllTextAsync(scratch["build/arch/x86/kvm/kvm.ko"], Guid.NewGuid().ToString());

        var clock = Stopwatch.StartNew();
        var own = await EnsureAsync(Lab.Kvm61 with { Kernel = scratch["vmlinux"], ModulesDirectory = scratch["build"] });
        TestContext.Progress.WriteLine($"changed kernel and module: {clock.Elapsed.TotalMilliseconds:F1} ms");
        clock.Restart();
        await EnsureAsync(Lab.Kvm61 with { Kernel = scratch["vmlinux"], ModulesDirectory = scratch["build"] });
        TestContext.Progress.WriteLine($"the same again: {clock.Elapsed.TotalMilliseconds:F1} ms");
        var entries = CpioReader.Read(await File.ReadAllBytesAsync(own.Initramfs));
        Assert.Multiple(() =>
        {
            Assert.That(own.Key, Is.Not.EqualTo(stock.Key));
            Assert.That(own.Artifacts["kernel"], Is.Not.EqualTo(stock.Artifacts["kernel"]));
            Assert.That(own.Artifacts["root"], Is.EqualTo(stock.Artifacts["root"]));
            Assert.That(entries.Single(e => e.Name == "lib/modules/kvm.ko").Content, Is.EqualTo(File.ReadAllBytes(scratch["build/arch/x86/kvm/kvm.ko"])));
            Assert.That(entries.Select(e => e.Name), Does.Contain("lib/modules/virtio_net.ko"), "the same kernel release: the package's other modules fit");
        });
        // Every run makes new ones: they would fill the user's cache.
        var cache = new Harness.Provisioning.Cache.ContentCache(Lab.Paths.Cache, Lab.Bounds, TimeProvider.System);
        await cache.DropAsync(Path.GetDirectoryName(own.Kernel)!, default);
        await cache.DropAsync(Path.GetDirectoryName(own.Initramfs)!, default);
    }

    [Test]
    public async Task The_command_line_is_part_of_the_key()
    {
        var one = await EnsureAsync(Lab.Kvm61);
        var other = await EnsureAsync(Lab.Kvm61 with { KernelCommandLine = Lab.Kvm61.KernelCommandLine + " hvlab.poweroff" });
        Assert.That(other.Key, Is.Not.EqualTo(one.Key));
        Assert.That(other.Initramfs, Is.EqualTo(one.Initramfs));
    }

    [Test]
    public void A_module_that_the_package_lacks_and_a_directory_that_is_not_there_are_configuration_faults()
    {
        Assert.That(() => EnsureAsync(Lab.Kvm61 with { Modules = ["no_such_module"] }),
            Throws.TypeOf<Harness.Lab.LabException>().With.Message.Contains("no_such_module"));
        Assert.That(() => EnsureAsync(Lab.Kvm61 with { ModulesDirectory = "/does/not/exist" }),
            Throws.TypeOf<Harness.Lab.LabException>().With.Message.Contains("--modules"));
    }
}
