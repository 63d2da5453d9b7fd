using HvLab.Harness.Lab;
using HvLab.Harness.Lab.Configuration;
using HvLab.Harness.Provisioning.Kernels;

namespace HvLab.Harness.Tests.Kernels;

/// <summary>Against the source of the kernel that the default release boots; the product downloads it where it is not cached.</summary>
public sealed class MutantsAgainstRealSourceTests
{
    private static readonly HvLabPaths Paths = HvLabPaths.Find(Environment.GetEnvironmentVariable);

    private static IEnumerable<TestCaseData<Mutant>> Shipped() =>
        MutantCatalog.LoadKvm(Paths).Select(mutant => new TestCaseData<Mutant>(mutant).SetArgDisplayNames(mutant.Name));

    [TestCaseSource(nameof(Shipped))]
    public async Task Every_edit_applies_exactly_once(Mutant mutant)
    {
        var packages = await KernelPackageResolver.ResolveAsync("linux-image-amd64", CancellationToken.None);
        var tree = await new KvmSourceTree(Paths, new Bounds(), TimeProvider.System).SourceAsync(packages, CancellationToken.None);
        var changed = MutantEdits.Apply(mutant, tree);
        Assert.That(changed, Is.Not.Empty);
        foreach (var (file, text) in changed)
            Assert.That(text, Is.Not.EqualTo(await File.ReadAllTextAsync(Path.Combine(tree, file))), file);
    }

    [Test]
    public void Mutants_differ_in_what_they_build() =>
        Assert.That(MutantCatalog.LoadKvm(Paths).Select(mutant => mutant.EditsHash), Is.Unique);

    [Test]
    public async Task Nothing_in_the_source_tree_points_outside_of_it()
    {
        var packages = await KernelPackageResolver.ResolveAsync("linux-image-amd64", CancellationToken.None);
        var tree = await new KvmSourceTree(Paths, new Bounds(), TimeProvider.System).SourceAsync(packages, CancellationToken.None);
        var links = new DirectoryInfo(tree).EnumerateFileSystemInfos("*", SearchOption.AllDirectories)
            .Where(entry => entry.LinkTarget is not null).ToList();
        Assert.That(links.Where(link => !Path.GetFullPath(link.LinkTarget!, Path.GetDirectoryName(link.FullName)!)
            .StartsWith(tree + "/", StringComparison.Ordinal)), Is.Empty);
    }
}
