using System.Security.Cryptography;
using HvLab.Harness.Lab;
using HvLab.Harness.Lab.Configuration;
using HvLab.Harness.Provisioning.Cache;
using HvLab.Harness.Provisioning.Images;
using HvLab.Harness.Provisioning.Setup;

namespace HvLab.Harness.Provisioning.Xen;

/// <summary>The hypervisor of a release, ready to boot.</summary>
/// <param name="File">The multiboot ELF.</param>
/// <param name="Sha256">Its hash.</param>
public sealed record XenFile(string File, string Sha256);

/// <summary>Where a release's hypervisor comes from: the package's own file, the package's source, or a developer.</summary>
public sealed class XenFiles
{
    private const string FileName = "xen", Stock = "stock.gz";

    private readonly HvLabPaths _paths;
    private readonly Bounds _bounds;
    private readonly TimeProvider _time;
    private readonly ContentCache _cache;
    private readonly Tools _tools;

    public XenFiles(HvLabPaths paths, Bounds bounds, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(paths);
        (_paths, _bounds, _time) = (paths, bounds, time);
        _cache = new(paths.Cache, bounds, time);
        _tools = new(bounds, time);
    }

    /// <summary>Builds what is missing; nothing but a look where nothing is.</summary>
    /// <exception cref="LabException">Configuration: a file, an option or an edit that does not do. MissingTool, Build, DiskFull.</exception>
    public async Task<XenFile> EnsureAsync(Release release, IProgress<string> progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(release);
        ArgumentNullException.ThrowIfNull(progress);
        if (release.Xen is { } own)
            return await FromFileAsync(release, own, progress, cancellation);
        var package = await PackageAsync(release, progress, cancellation);
        if (release.XenOptions.Count == 0 && release.XenPatches.Count == 0)
            return await FromPackageAsync(release, package, progress, cancellation);
        var built = await new XenBuilder(_paths, _bounds, _time).BuildAsync(release, DebianOf(release), package.Version, progress, cancellation);
        return new(built.File, await Hash.OfFileAsync(built.File, cancellation));
    }

    /// <summary>The hypervisor's package in the version that the release's mirror offers.</summary>
    public async Task<PackageVersion> PackageAsync(Release release, IProgress<string> progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(release);
        XenPackage.VersionOf(release);
        var resolved = await Packages(release).ResolveAsync([release.XenPackage], progress, cancellation);
        return resolved.FirstOrDefault(package => package.Name == release.XenPackage) ?? throw new LabException(LabFault.MissingTool,
            $"apt resolved the package {release.XenPackage} to {string.Join(", ", resolved)}: it offers no such package. Correct xenPackage of release {release.Name} in lab-config.");
    }

    /// <summary>The release's Debian; the machine's own where it names none.</summary>
    /// <exception cref="LabException"><see cref="LabFault.Configuration"/>: neither says.</exception>
    public static string DebianOf(Release release)
    {
        ArgumentNullException.ThrowIfNull(release);
        return release.Debian.Length > 0 ? release.Debian
            : Machine.This(Environment.GetEnvironmentVariable).Codename() ?? throw new LabException(LabFault.Configuration,
                $"Release {release.Name} names no Debian release, and /etc/os-release does not say which one this machine is. Set releases:{release.Name}:debian.");
    }

    private DebianPackages Packages(Release release) => new(_tools, _cache, release.Debian);

    private async Task<XenFile> FromPackageAsync(Release release, PackageVersion package, IProgress<string> progress, CancellationToken cancellation)
    {
        var entry = await _cache.GetOrBuildAsync("xen", Hash.Of([Stock, release.Debian, package.ToString()]), async (directory, token) =>
        {
            var packages = Packages(release);
            var debs = await packages.DownloadAsync([package], progress, token);
            progress.Report("unpacking the hypervisor");
            var tree = Path.Combine(directory, "tree");
            await packages.ExtractAsync(debs, tree, token);
            var boot = Path.Combine(tree, "boot");
            var image = Directory.Exists(boot) ? Directory.GetFiles(boot, "xen-*.gz").SingleOrDefault() : null;
            await File.WriteAllBytesAsync(Path.Combine(directory, FileName), XenImage.Load(image ?? throw new LabException(LabFault.Configuration,
                $"The package {package} brings no single boot/xen-*.gz. Name a hypervisor's package in lab-config.")), token);
            Directory.Delete(tree, recursive: true);
        }, cancellation, waiting: progress);
        return Describe(entry);
    }

    private async Task<XenFile> FromFileAsync(Release release, string own, IProgress<string> progress, CancellationToken cancellation)
    {
        var elf = XenImage.Load(own);
        var (wanted, facts) = (XenPackage.VersionOf(release), XenImage.Describe(elf));
        if (facts.Version is null)
            progress.Report($"{own} does not say which version of Xen it is (CONFIG_HYPFS_CONFIG is off): taken for {wanted}, whose libraries the image has");
        else if (facts.Version != wanted)
            throw new LabException(LabFault.Configuration,
                $"--xen {own}: this is Xen {facts.Version}, but release {release.Name} has the libraries of Xen {wanted}, and the interface between them is of one version each. "
                + "Name a release of that version by --release, or leave --release away: the lab then chooses the one that fits.");
        return Describe(await _cache.GetOrBuildAsync("xen-own", Convert.ToHexStringLower(SHA256.HashData(elf)),
            (directory, token) => File.WriteAllBytesAsync(Path.Combine(directory, FileName), elf, token), cancellation, waiting: progress, keep: KernelSource.Kept));
    }

    private static XenFile Describe(string entry) => new(Path.Combine(entry, FileName), CacheManifest.HashOf(entry, FileName));
}
