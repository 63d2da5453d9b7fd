using HvLab.Harness.Lab;
using HvLab.Harness.Lab.Configuration;
using HvLab.Harness.Provisioning.Kernels;
using HvLab.Harness.Provisioning.Xen;
using HvLab.Harness.Tests.Images;

namespace HvLab.Harness.Tests.Xen;

/// <summary>Against the source that the releases are built from; the product downloads it where it is not cached.</summary>
public sealed class XenPatchesAgainstRealSourceTests
{
    private static readonly HvLabPaths Paths = HvLabPaths.Find(Environment.GetEnvironmentVariable);
    private static readonly LabConfig Lab = LabConfigLoader.Load(Paths.LabConfig, new Dictionary<string, string>(), []);

    private static IEnumerable<string> Patched => Lab.Releases.Values.Where(release => release.XenPatches.Count > 0).Select(release => release.Name);

    private static IEnumerable<string> Mutants => MutantCatalog.LoadXen(Paths).Select(mutant => mutant.Name);

    [TestCaseSource(nameof(Mutants))]
    public async Task Every_edit_of_a_mutant_applies_exactly_once(string name)
    {
        var release = Lab.Releases[Lab.Suites["xen"].Release];
        var package = await new XenFiles(Paths, Images.Lab.Bounds, TimeProvider.System).PackageAsync(release, Images.Lab.Progress, CancellationToken.None);
        var source = await new XenSource(Paths, Images.Lab.Bounds, TimeProvider.System)
            .EnsureAsync(XenFiles.DebianOf(release), package.Version, Images.Lab.Progress, CancellationToken.None);
        foreach (var (file, text) in MutantEdits.Apply(MutantCatalog.LoadXen(Paths).Single(mutant => mutant.Name == name), source.Directory))
            Assert.That(text, Is.Not.EqualTo(await File.ReadAllTextAsync(Path.Combine(source.Directory, file))), file);
    }

    [TestCaseSource(nameof(Patched))]
    public async Task Every_edit_of_a_releases_patches_applies_exactly_once(string name)
    {
        var release = Lab.Releases[name];
        var package = await new XenFiles(Paths, Images.Lab.Bounds, TimeProvider.System).PackageAsync(release, Images.Lab.Progress, CancellationToken.None);
        var source = await new XenSource(Paths, Images.Lab.Bounds, TimeProvider.System)
            .EnsureAsync(XenFiles.DebianOf(release), package.Version, Images.Lab.Progress, CancellationToken.None);
        foreach (var patch in MutantCatalog.LoadXenPatches(Paths).Where(patch => release.XenPatches.Contains(patch.Name)))
            foreach (var (file, text) in MutantEdits.Apply(patch, source.Directory))
                Assert.That(text, Is.Not.EqualTo(await File.ReadAllTextAsync(Path.Combine(source.Directory, file))), file);
    }
}
