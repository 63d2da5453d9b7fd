using HvLab.Harness.Lab;
using HvLab.Harness.Lab.Configuration;
using HvLab.Harness.Provisioning.Cache;

namespace HvLab.Harness.Provisioning.Images;

/// <summary>A kernel and its modules on the machine, ready to be packed.</summary>
/// <param name="Vmlinux">What boots.</param>
/// <param name="Sha256">Its hash.</param>
/// <param name="Release">uname -r; null where unknown.</param>
/// <param name="ModuleDirectories">Where modules are looked for, in order.</param>
/// <param name="IsOwn">True for a developer's own kernel: what it lacks as a module may be built in.</param>
internal sealed record KernelFiles(string Vmlinux, string Sha256, string? Release, IReadOnlyList<string> ModuleDirectories, bool IsOwn)
{
    /// <summary>The bzImage it came from; null for a developer's own, which stays where it is.</summary>
    public string? Image { get; init; }
}

/// <summary>The kernel of the release's package, or a developer's own.</summary>
internal sealed class KernelSource(ContentCache cache, DebianPackages packages, KernelImage images)
{
    private const string VmlinuxName = "vmlinux", ImageName = "bzImage", ReleaseName = "release", ModulesName = "modules";

    /// <summary>Change it when this file changes what it keeps of the same package.</summary>
    private const string Layout = "2";

    /// <summary>Builds of a developer (a bisection) that stay in the cache: about 100 MiB each.</summary>
    internal const int Kept = 8;

    /// <summary>The wanted modules with all they need, and the kernel, from the package.</summary>
    public async Task<KernelFiles> FromPackageAsync(
        Release release, Func<ModuleTree, string, CancellationToken, Task> keepModules,
        IProgress<string> progress, CancellationToken cancellation)
    {
        var wanted = (await packages.ResolveAsync([release.KernelPackage], progress, cancellation)).Where(package => package.Name == release.KernelPackage
            || package.Name.StartsWith("linux-image-", StringComparison.Ordinal)).ToList();
        var entry = await cache.GetOrBuildAsync("kernel", Hash.Of([Layout, .. wanted.Select(p => p.ToString()), .. release.Modules]), async (directory, token) =>
        {
            var debs = await packages.DownloadAsync(wanted, progress, token);
            progress.Report("unpacking the kernel");
            var tree = Path.Combine(directory, "tree");
            await packages.ExtractAsync(debs, tree, token);
            var boot = Path.Combine(tree, "boot");
            var image = Directory.Exists(boot) ? Directory.GetFiles(boot, "vmlinuz-*").SingleOrDefault() : null;
            if (image is null)
                throw new LabException(LabFault.Configuration,
                    $"The package {release.KernelPackage} of release {release.Name} brings no single boot/vmlinuz-*. Name a kernel package in lab-config.");
            await images.ExtractAsync(image, Path.Combine(directory, VmlinuxName), progress, token);
            File.Copy(image, Path.Combine(directory, ImageName));
            await File.WriteAllTextAsync(Path.Combine(directory, ReleaseName), Path.GetFileName(image)["vmlinuz-".Length..], token);
            var modules = Directory.CreateDirectory(Path.Combine(directory, ModulesName)).FullName;
            var lib = Path.Combine(tree, "lib/modules");
            await keepModules(new ModuleTree([Directory.Exists(lib) ? lib : Path.Combine(tree, "usr/lib/modules")]), modules, token);
            Directory.Delete(tree, recursive: true);
        }, cancellation, waiting: progress);
        return new(Path.Combine(entry, VmlinuxName), CacheManifest.HashOf(entry, VmlinuxName),
            await File.ReadAllTextAsync(Path.Combine(entry, ReleaseName), cancellation), [Path.Combine(entry, ModulesName)], IsOwn: false)
        {
            Image = Path.Combine(entry, ImageName),
        };
    }

    /// <summary>A developer's bzImage or vmlinux; unpacked again only when it changed.</summary>
    public async Task<KernelFiles> FromFileAsync(string image, IProgress<string> progress, CancellationToken cancellation)
    {
        // Read first: it says what is wrong with a path better than hashing does.
        var release = await KernelImage.ReadReleaseAsync(image, cancellation);
        var entry = await cache.GetOrBuildAsync("vmlinux", await Hash.OfFileAsync(image, cancellation),
            (directory, token) => images.ExtractAsync(image, Path.Combine(directory, VmlinuxName), progress, token), cancellation, waiting: progress, keep: Kept);
        return new(Path.Combine(entry, VmlinuxName), CacheManifest.HashOf(entry, VmlinuxName), release, [], IsOwn: true);
    }
}
