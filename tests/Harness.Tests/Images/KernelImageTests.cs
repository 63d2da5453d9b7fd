using System.Text;
using HvLab.Harness.Lab;
using HvLab.Harness.Provisioning.Images;
using HvLab.Harness.Provisioning.Setup;

namespace HvLab.Harness.Tests.Images;

public sealed class KernelImageTests
{
    private static KernelImage Images => new(new Unpacker(new Tools(Lab.Bounds, TimeProvider.System)));

    /// <summary>The real Debian kernel, out of the cached package; its directory belongs to the caller.</summary>
    private static async Task<string> DebianImageAsync(Scratch scratch)
    {
        var tools = new Tools(Lab.Bounds, TimeProvider.System);
        var packages = new DebianPackages(tools, new(Lab.Paths.Cache, Lab.Bounds, TimeProvider.System));
        var resolved = (await packages.ResolveAsync([Lab.Kvm61.KernelPackage], Lab.Progress, default))
            .Where(p => p.Name.StartsWith("linux-image-", StringComparison.Ordinal)).ToList();
        await packages.ExtractAsync(await packages.DownloadAsync(resolved, Lab.Progress, default), scratch["tree"], default);
        return Directory.GetFiles(scratch["tree/boot"], "vmlinuz-*").Single();
    }

    [Test]
    public async Task The_real_Debian_kernel_gives_its_release_and_an_ELF_that_boots_by_PVH_and_a_damaged_one_says_so()
    {
        using var scratch = new Scratch();
        var image = await DebianImageAsync(scratch);
        await Images.ExtractAsync(image, scratch["vmlinux"], Lab.Progress, default);
        var release = Path.GetFileName(image)["vmlinuz-".Length..];
        var (ofImage, ofElf) = (await KernelImage.ReadReleaseAsync(image, default), await KernelImage.ReadReleaseAsync(scratch["vmlinux"], default));
        Assert.Multiple(() =>
        {
            Assert.That(ElfFile.HasPvhEntry(scratch["vmlinux"]), Is.True);
            Assert.That(ofImage, Is.EqualTo(release));
            Assert.That(ofElf, Is.EqualTo(release));
        });

        var bytes = await File.ReadAllBytesAsync(image);
        await File.WriteAllBytesAsync(scratch["cut"], bytes[..(bytes.Length / 2)]);
        Assert.That(() => Images.ExtractAsync(scratch["cut"], scratch["out"], Lab.Progress, default),
            Throws.TypeOf<LabException>().With.Message.Contains("cut short"));
        Array.Clear(bytes, bytes.Length / 2, 4096);
        await File.WriteAllBytesAsync(scratch["holed"], bytes);
        Assert.That(() => Images.ExtractAsync(scratch["holed"], scratch["out"], Lab.Progress, default),
            Throws.TypeOf<LabException>().With.Message.Contains("could not be unpacked"));
    }

    [TestCase("")]
    [TestCase("not a kernel")]
    public async Task Garbage_is_named_as_what_it_is(string content)
    {
        using var scratch = new Scratch();
        File.WriteAllText(scratch["image"], content);
        var trouble = await Assert.ThrowsAsync<LabException>(() => Images.ExtractAsync(scratch["image"], scratch["out"], Lab.Progress, default));
        Assert.Multiple(() =>
        {
            Assert.That(trouble!.Reason, Is.EqualTo(LabFault.Configuration));
            Assert.That(trouble.Message, Does.Contain("bzImage").And.Contain(scratch["image"]));
        });
    }

    [Test]
    public void A_missing_kernel_points_at_the_option() =>
        Assert.That(() => KernelImage.ReadReleaseAsync("/does/not/exist", default), Throws.TypeOf<LabException>().With.Message.Contains("--kernel"));

    [TestCase("xz", Packing.Xz)]
    [TestCase("zstd", Packing.Zstd)]
    [TestCase("lz4", Packing.Lz4)]
    [TestCase("gzip", Packing.Gzip)]
    public async Task Every_packing_is_known_by_its_first_bytes_and_undone(string program, Packing packing)
    {
        using var scratch = new Scratch();
        var text = Encoding.ASCII.GetBytes(string.Join(' ', Enumerable.Range(0, 5000)));
        await File.WriteAllBytesAsync(scratch["plain"], text);
        var tools = new Tools(Lab.Bounds, TimeProvider.System);
        await tools.RequireAsync(LabFault.Image, "", program, program == "lz4" ? [scratch["plain"], scratch["packed"]] : ["-k", scratch["plain"]], default);
        var packed = Directory.GetFiles(scratch.Path).Single(file => file != scratch["plain"]);
        Assert.That(Unpacker.Detect(await File.ReadAllBytesAsync(packed)), Is.EqualTo(packing));
        await new Unpacker(tools).UnpackAsync(packing, packed, scratch["back"], "the test's file", default);
        Assert.That(await File.ReadAllBytesAsync(scratch["back"]), Is.EqualTo(text));
    }
}
