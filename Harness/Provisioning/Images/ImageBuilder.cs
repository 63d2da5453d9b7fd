using HvLab.Harness.Lab;
using HvLab.Harness.Lab.Configuration;
using HvLab.Harness.Provisioning.Cache;
using HvLab.Harness.Provisioning.Setup;
using HvLab.Harness.Provisioning.Xen;

namespace HvLab.Harness.Provisioning.Images;

/// <summary>A package's kernel before it was taken apart, and the directory of its wanted modules with all they need.</summary>
public sealed record PackagedBuild(string Image, string Modules);

/// <summary>
/// From a release to what boots: the kernel as an ELF, and one initramfs of two archives, the root (the same for every
/// kernel) and the modules. Needs no root, and no network once its packages are in the cache.
/// </summary>
public sealed class ImageBuilder
{
    private const string InitramfsName = "initramfs";

    private readonly Tools _tools;
    private readonly ContentCache _cache;
    private readonly Unpacker _unpacker;
    private readonly ModuleArchive _modules;
    private readonly XenFiles _xen;

    public ImageBuilder(HvLabPaths paths, Bounds bounds, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(paths);
        _tools = new(bounds, time);
        _cache = new(paths.Cache, bounds, time);
        _unpacker = new(_tools);
        _modules = new(_tools, _unpacker);
        _xen = new(paths, bounds, time);
    }

    private DebianPackages Packages(Release release) => new(_tools, _cache, release.Debian);

    private KernelSource Kernels(Release release) => new(_cache, Packages(release), new(_unpacker));

    /// <summary>Builds what is missing; a few milliseconds when nothing is.</summary>
    /// <exception cref="LabException">Configuration: kernel or modules that cannot be used. MissingTool: no network, no packages. Image, DiskFull.</exception>
    public async Task<BootArtifacts> EnsureAsync(Release release, IProgress<string> progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(release);
        ArgumentNullException.ThrowIfNull(progress);
        var keys = await LabKeys.EnsureAsync(_cache, _tools, progress, cancellation);
        var (rootKey, root) = await new RootImage(_tools, _cache, Packages(release)).EnsureAsync(release, keys, progress, cancellation);
        var kernel = await ChooseKernelAsync(release, progress, cancellation);
        var xen = release.Hypervisor == "xen" ? await _xen.EnsureAsync(release, progress, cancellation) : null;

        var scratch = Directory.CreateTempSubdirectory("hvlab-modules-").FullName;
        try
        {
            var modules = await _modules.CloseAsync(release, new ModuleTree(kernel.ModuleDirectories), scratch,
                name => progress.Report($"module {name} is not below {string.Join(", ", kernel.ModuleDirectories.DefaultIfEmpty("any directory"))}: taken as built in"),
                cancellation);
            var hashes = await Task.WhenAll(modules.Select(module => HashAsync(module, cancellation)));
            var modulesKey = Hash.Of(modules.Zip(hashes, (module, hash) => $"{module.Name} {hash}"));
            var entry = await _cache.GetOrBuildAsync("image", Hash.Of([rootKey, modulesKey]), async (directory, token) =>
            {
                await using var initramfs = File.Create(Path.Combine(directory, InitramfsName));
                await using (var archive = File.OpenRead(root))
                    await archive.CopyToAsync(initramfs, token);
                await ModuleArchive.Archive(modules).WriteAsync(initramfs, token);
            }, cancellation, waiting: progress, keep: KernelSource.Kept);
            return Describe(release, keys, kernel, xen, entry, rootKey, modulesKey);
        }
        finally
        {
            Directory.Delete(scratch, recursive: true);
        }
    }

    /// <summary>The package's own kernel and modules as files: what a developer's build of the same sources would be.</summary>
    public async Task<PackagedBuild> EnsurePackagedBuildAsync(Release release, IProgress<string> progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(release);
        var kernel = await FromPackageAsync(release, progress, cancellation);
        return new(kernel.Image!, kernel.ModuleDirectories[0]);
    }

    private Task<KernelFiles> FromPackageAsync(Release release, IProgress<string> progress, CancellationToken cancellation) =>
        Kernels(release).FromPackageAsync(release, (tree, target, token) => _modules.KeepAsync(release, tree, target, token), progress, cancellation);

    private static BootArtifacts Describe(Release release, LabKeys keys, KernelFiles kernel, XenFile? xen, string entry, string rootKey, string modulesKey)
    {
        var initramfs = CacheManifest.HashOf(entry, InitramfsName);
        return new()
        {
            Key = Hash.Of([kernel.Sha256, initramfs, release.KernelCommandLine, .. xen is null ? (string[])[] : [xen.Sha256, release.XenCommandLine]]),
            Kernel = kernel.Vmlinux,
            Initramfs = Path.Combine(entry, InitramfsName),
            CommandLine = release.KernelCommandLine,
            Hypervisor = xen?.File,
            HypervisorCommandLine = release.XenCommandLine,
            SshPrivateKey = keys.ClientKey,
            KnownHosts = keys.KnownHosts,
            Artifacts = new Dictionary<string, string>
            {
                ["kernel"] = kernel.Sha256,
                ["initramfs"] = initramfs,
                ["root"] = rootKey,
                ["modules"] = modulesKey,
            }.Concat(xen is null ? [] : new Dictionary<string, string> { ["xen"] = xen.Sha256 }).ToDictionary(),
        };
    }

    /// <summary>
    /// An own kernel has its own modules; the package's follow only where the kernel is of the very same release, as they do
    /// for own modules with the package's kernel.
    /// </summary>
    private async Task<KernelFiles> ChooseKernelAsync(
        Release release, IProgress<string> progress, CancellationToken cancellation)
    {
        string[] own = release.ModulesDirectory is { } directory
            ? Directory.Exists(directory) ? [NarrowDown(directory, null)] : throw new LabException(LabFault.Configuration,
                $"The module directory {directory} does not exist. Check --modules.")
            : [];
        if (release.Kernel is null)
        {
            var package = await FromPackageAsync(release, progress, cancellation);
            return package with { ModuleDirectories = [.. own, .. package.ModuleDirectories] };
        }
        var kernel = await Kernels(release).FromFileAsync(release.Kernel, progress, cancellation);
        if (own.Length > 0)
            own = [NarrowDown(release.ModulesDirectory!, kernel.Release)];
        var packaged = await FromPackageAsync(release, progress, cancellation);
        return kernel with { ModuleDirectories = kernel.Release == packaged.Release ? [.. own, .. packaged.ModuleDirectories] : own };
    }

    /// <summary>An installation root may hold the modules of several kernels.</summary>
    private static string NarrowDown(string directory, string? release) => release is null ? directory
        : new[] { $"lib/modules/{release}", $"modules/{release}", release }.Select(below => Path.Combine(directory, below))
            .FirstOrDefault(Directory.Exists) ?? directory;

    private static Task<string> HashAsync(ModuleFile module, CancellationToken cancellation) => Hash.OfFileAsync(module.Path, cancellation);
}
