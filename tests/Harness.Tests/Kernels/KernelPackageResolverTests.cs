using HvLab.Harness.Lab;
using HvLab.Harness.Provisioning.Kernels;

namespace HvLab.Harness.Tests.Kernels;

public sealed class KernelPackageResolverTests
{
    [Test]
    public void A_stanza_ends_at_the_blank_line_and_keeps_first_lines()
    {
        var stanza = KernelPackageResolver.ParseStanza("Package: a\nDepends: b (= 1), c | d\nDescription: x\n more: text\n\nPackage: z\n");
        Assert.Multiple(() =>
        {
            Assert.That(stanza["Package"], Is.EqualTo("a"));
            Assert.That(stanza["Depends"], Is.EqualTo("b (= 1), c | d"));
            Assert.That(stanza, Has.Count.EqualTo(3));
        });
    }

    [Test]
    public async Task The_metapackage_leads_to_headers_and_source_of_one_version()
    {
        var packages = await KernelPackageResolver.ResolveAsync("linux-image-amd64", CancellationToken.None);
        Assert.Multiple(() =>
        {
            Assert.That(packages.Abi, Does.Match(@"^\d+\.\d+.*-amd64$"));
            Assert.That(packages.Headers, Is.EqualTo($"linux-headers-{packages.Abi}"));
            Assert.That(packages.CommonHeaders, Does.StartWith("linux-headers-").And.EndsWith("-common"));
            Assert.That(packages.Source, Is.EqualTo(packages.KernelBuild.Replace("kbuild", "source", StringComparison.Ordinal)));
            Assert.That(packages.Downloads, Has.All.EndsWith($"={packages.Version}"));
            Assert.That(packages.Compiler, Does.Match(@"^gcc-\d+$"));
            Assert.That(packages.Requirements.Select(need => need.Program), Does.Contain(packages.Compiler).And.Contain("make"));
        });
    }

    [Test]
    public async Task The_image_package_itself_resolves_to_the_same()
    {
        var packages = await KernelPackageResolver.ResolveAsync("linux-image-amd64", CancellationToken.None);
        Assert.That(await KernelPackageResolver.ResolveAsync($"linux-image-{packages.Abi}", CancellationToken.None), Is.EqualTo(packages));
    }

    [TestCase("linux-image-of-nobody")]
    [TestCase("coreutils")]
    public void A_package_that_is_no_kernel_is_named(string package) =>
        Assert.That(async () => await KernelPackageResolver.ResolveAsync(package, CancellationToken.None), Throws.TypeOf<LabException>()
            .With.Property(nameof(LabException.Reason)).EqualTo(LabFault.MissingTool).And.Message.Contains(package));
}
