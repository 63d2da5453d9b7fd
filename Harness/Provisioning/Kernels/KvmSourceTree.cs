using HvLab.Harness.Lab;
using HvLab.Harness.Lab.Configuration;

namespace HvLab.Harness.Provisioning.Kernels;

/// <summary>
/// KVM's own source over the headers of the kernel that a release boots, merged into one self-contained tree: every path in
/// it is relative, so a copy of it builds anywhere and a built copy needs only what changed.
/// </summary>
public sealed class KvmSourceTree(HvLabPaths paths, Bounds bounds, TimeProvider time)
{
    /// <summary>Part of every key: raise it when the layout below changes.</summary>
    private const string Layout = "v1";

    /// <summary>The directories that hold KVM: they alone are compiled, and copies never share files with another tree there.</summary>
    internal static readonly IReadOnlyList<string> KvmDirectories = ["arch/x86/kvm", "virt"];

    /// <summary>Which packages the release's kernel is rebuilt from: asks apt, changes nothing.</summary>
    public static Task<KernelPackages> ResolveAsync(Release release, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(release);
        return KernelPackageResolver.ResolveAsync(release.KernelPackage, cancellation);
    }

    /// <summary>
    /// The unpacked tree, downloaded (150 MB, once a kernel version) when it is not in the cache. Read-only for callers.
    /// </summary>
    /// <exception cref="LabException"><see cref="LabFault.MissingTool"/> for no network or package, <see cref="LabFault.DiskFull"/>, <see cref="LabFault.Build"/>.</exception>
    public async Task<string> SourceAsync(KernelPackages packages, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(packages);
        var (directory, _) = await Slot("kvm-source", packages.Key).GetOrFillAsync(
            tree => File.Exists(Path.Combine(tree, "virt/kvm/kvm_main.c")),
            (tree, stop) => FillSourceAsync(packages, tree, stop), cancellation);
        return directory;
    }

    /// <summary>
    /// The tree with unchanged KVM compiled in it: half a minute of compiler time, once a kernel and compiler version.
    /// Read-only for callers, who build in a copy made by <see cref="KernelBuild.CopyAsync"/>.
    /// </summary>
    public async Task<string> CompiledAsync(KernelPackages packages, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(packages);
        var build = new KernelBuild(packages, bounds, time);
        var compiler = await build.CompilerVersionAsync(cancellation);
        var source = await SourceAsync(packages, cancellation);
        var (directory, _) = await Slot("kvm-compiled", $"{packages.Key}_{packages.Compiler}-{compiler}").GetOrFillAsync(
            tree => KernelBuild.Modules.All(module => File.Exists(Path.Combine(tree, KernelBuild.ModuleDirectory, module))),
            async (tree, stop) =>
            {
                await build.CopyAsync(source, tree, stop);
                await build.MakeAsync(tree, $"Compiling unchanged KVM {packages.Version}", stop);
            },
            cancellation);
        return directory;
    }

    private CacheSlot Slot(string kind, string key) =>
        new(Path.Combine(paths.Cache, kind, $"{Layout}_{key}"), bounds, time);

    /// <summary>A place for what is made from a compiled tree: kind/NAME-OF-THE-TREE/name.</summary>
    internal CacheSlot SlotBeside(string compiled, string kind, string name) =>
        new(Path.Combine(paths.Cache, kind, Path.GetFileName(compiled), name), bounds, time);

    private async Task FillSourceAsync(KernelPackages packages, string tree, CancellationToken cancellation)
    {
        var parts = Path.Combine(tree, ".parts");
        Directory.CreateDirectory(parts);
        var tools = new KernelTools(bounds, time);

        await tools.RunAsync(LabFault.MissingTool,
            "The kernel's source and headers could not be downloaded: check the network and run 'apt-get update' (as root), since a "
            + "mirror drops the versions that its lists of yesterday name.",
            "apt-get", ["-q", "-o", "APT::Sandbox::User=root", "download", .. packages.Downloads], cancellation, parts);
        foreach (var package in Directory.GetFiles(parts, "*.deb").Order(StringComparer.Ordinal))
        {
            await tools.RunAsync(LabFault.Build, "The download is damaged; run the command again.",
                "dpkg-deb", ["-x", package, parts], cancellation);
            File.Delete(package);
        }

        // Later ones add to earlier ones. The flavour's Makefile only names the common one by an absolute path, and links to
        // kbuild are replaced by what they point to; so nothing in the merged tree points outside of it.
        var sources = Path.Combine(parts, "usr/src");
        await MergeAsync(tools, Path.Combine(parts, "usr/lib", packages.KernelBuild), tree, [], cancellation);
        await MergeAsync(tools, Path.Combine(sources, packages.CommonHeaders), tree, ["./scripts", "./tools"], cancellation);
        await MergeAsync(tools, Path.Combine(sources, packages.Headers), tree, ["./scripts", "./tools", "./Makefile"], cancellation);
        await tools.RunAsync(LabFault.Build, "The package of the kernel's source is not as expected.",
            "tar", ["-xJf", Path.Combine(sources, $"{packages.Source}.tar.xz"), "-C", tree, "--strip-components=1", "--no-same-owner",
                .. KvmDirectories.Select(directory => $"{packages.Source}/{directory}")], cancellation);
        Directory.Delete(parts, recursive: true);
    }

    /// <summary>Through an archive, because cp has no way to leave files out; links stay links and times stay times.</summary>
    private static async Task MergeAsync(
        KernelTools tools, string from, string tree, IReadOnlyList<string> leaveOut, CancellationToken cancellation)
    {
        var archive = Path.Combine(tree, ".parts", "merge.tar");
        await tools.RunAsync(LabFault.Build, "The kernel's headers are not laid out as expected.",
            "tar", ["-cf", archive, .. leaveOut.Select(path => $"--exclude={path}"), "-C", from, "."], cancellation);
        await tools.RunAsync(LabFault.Build, "The kernel's headers could not be merged.",
            "tar", ["-xf", archive, "-C", tree, "--no-same-owner"], cancellation);
        File.Delete(archive);
    }
}
