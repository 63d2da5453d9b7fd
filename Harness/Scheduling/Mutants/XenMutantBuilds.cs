using HvLab.Harness.Lab;
using HvLab.Harness.Lab.Configuration;
using HvLab.Harness.Provisioning.Kernels;
using HvLab.Harness.Provisioning.Xen;

namespace HvLab.Harness.Scheduling.Mutants;

/// <summary>A whole Xen, rebuilt where the edit reaches: the release's own options and patches, and the mutant's edits on top.</summary>
internal sealed class XenMutantBuilds(HvLabPaths paths, Bounds bounds, TimeProvider clock, Release release, IProgress<string> told) : IMutantBuilds
{
    private readonly XenFiles _files = new(paths, bounds, clock);
    private readonly XenBuilder _builder = new(paths, bounds, clock);

    public async Task<MutantBuild> BuildAsync(Mutant mutant, CancellationToken cancellation)
    {
        var package = await _files.PackageAsync(release, told, cancellation);
        var built = await _builder.BuildAsync(
            release, XenFiles.DebianOf(release), package.Version, mutant.Name == Mutant.Control.Name ? null : mutant, told, cancellation);
        return new(mutant, Path.GetDirectoryName(built.File)!, built.Took, built.Cached);
    }

    /// <summary>The release's own patches are in it too, so what it was of the lab's it stays.</summary>
    public Release Boot(Release release, MutantBuild build) =>
        release with { Xen = FileOf(build), LabPatched = release.LabPatched || build.Mutant.Edits.Count > 0 };

    public IReadOnlyList<string> Arguments(MutantBuild build) => ["--xen", FileOf(build)];

    private static string FileOf(MutantBuild build) => Path.Combine(build.Directory, XenBuilder.FileName);
}
