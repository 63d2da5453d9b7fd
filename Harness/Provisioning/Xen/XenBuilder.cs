using HvLab.Harness.Lab;
using HvLab.Harness.Lab.Configuration;
using HvLab.Harness.Provisioning.Images;
using HvLab.Harness.Provisioning.Kernels;

namespace HvLab.Harness.Provisioning.Xen;

/// <summary>A hypervisor that was rebuilt from its package's source.</summary>
/// <param name="File">The multiboot ELF: a read-only cache entry.</param>
/// <param name="Took">From the request to the file, the wait for another process's build included.</param>
/// <param name="Cached">True where nothing was compiled.</param>
public sealed record XenBuild(string File, TimeSpan Took, bool Cached);

/// <summary>
/// Rebuilds Xen as a release asks, and with edits, in a copy of a compiled tree: one compilation for all flavours, seconds for
/// each. Results are cached by source, compiler, options and edits; a killed build is never used, and two at once build once.
/// </summary>
public sealed class XenBuilder(HvLabPaths paths, Bounds bounds, TimeProvider time)
{
    /// <summary>The hypervisor in a build's directory.</summary>
    public const string FileName = "xen";
    private const string HashName = "sha256";

    private readonly XenMake _make = new(bounds, time);

    /// <summary>The release's own build, with its patches.</summary>
    /// <param name="binary">Version of the hypervisor's package.</param>
    /// <exception cref="LabException">
    /// <see cref="LabFault.Configuration"/> for an option or an edit that does not apply, <see cref="LabFault.Build"/>, <see cref="LabFault.MissingTool"/>, <see cref="LabFault.DiskFull"/>.
    /// </exception>
    public Task<XenBuild> BuildAsync(Release release, string debian, string binary, IProgress<string> progress, CancellationToken cancellation) =>
        BuildAsync(release, debian, binary, null, progress, cancellation);

    /// <inheritdoc cref="BuildAsync(Release, string, string, IProgress{string}, CancellationToken)"/>
    /// <param name="mutant">Edits on top of the release's own; null for none.</param>
    public async Task<XenBuild> BuildAsync(
        Release release, string debian, string binary, Mutant? mutant, IProgress<string> progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(release);
        ArgumentNullException.ThrowIfNull(progress);
        var began = time.GetTimestamp();
        var edits = Edits(release, mutant);
        var source = await new XenSource(paths, bounds, time).EnsureAsync(debian, binary, progress, cancellation);
        var compiled = await CompiledAsync(release, source, progress, cancellation);
        var name = $"{release.XenFlavour}{(mutant is null ? "" : $"-{mutant.Name}")}";
        var slot = new CacheSlot(Path.Combine(paths.Cache, "xen-built", Path.GetFileName(compiled), $"{name}-{edits.EditsHash[..16]}"), bounds, time);
        var (directory, cached) = await slot.GetOrFillAsync(IsWhole, async (fresh, stop) =>
        {
            progress.Report($"building Xen {source.Version}, {name}");
            var changed = MutantEdits.Apply(edits, source.Directory);
            var tree = await CopyAsync(compiled, Path.Combine(fresh, ".tree"), stop);
            foreach (var (file, text) in changed)
                await File.WriteAllTextAsync(Path.Combine(tree, file), text, stop);
            await _make.BuildAsync(tree, $"Compiling Xen with '{name}'", Banner(source.Version, name), stop);
            File.Move(Path.Combine(tree, XenMake.Result), Path.Combine(fresh, FileName));
            Directory.Delete(tree, recursive: true);
            await File.WriteAllTextAsync(Path.Combine(fresh, HashName), await Hash.OfFileAsync(Path.Combine(fresh, FileName), stop), stop);
        }, cancellation);
        return new(Path.Combine(directory, FileName), time.GetElapsedTime(began), cached);
    }

    /// <summary>What the hypervisor says of itself at boot: "4.17.5+72-g01140da4e8-1+hvlab.sharing-amd".</summary>
    internal static string Banner(string version, string name) => $"{version}{FlavourMark}{name}";

    /// <summary>Between Debian's version and the flavour's name.</summary>
    internal const string FlavourMark = "+hvlab.";

    /// <summary>The release's patches and the mutant's edits as one, applied in this order.</summary>
    private Mutant Edits(Release release, Mutant? mutant)
    {
        var known = release.XenPatches.Count == 0 ? [] : MutantCatalog.LoadXenPatches(paths);
        var patches = release.XenPatches.Select(name => known.FirstOrDefault(patch => patch.Name == name)
            ?? throw new LabException(LabFault.Configuration,
                $"releases:{release.Name}:xenPatches names '{name}', which lab-config/patches/xen.json does not have; {Nearest.Hint(name, [.. known.Select(patch => patch.Name)])}"));
        return new(mutant?.Name ?? release.XenFlavour, mutant?.Why ?? "the release's own patches",
            [.. patches.SelectMany(patch => patch.Edits), .. mutant?.Edits ?? []], []);
    }

    private async Task<string> CompiledAsync(Release release, XenSourceTree source, IProgress<string> progress, CancellationToken cancellation)
    {
        var compiler = await _make.CompilerVersionAsync(cancellation);
        var key = $"{Path.GetFileName(source.Directory)}_gcc-{compiler}_{Hash.Of(release.XenOptions)[..16]}";
        var (directory, _) = await new CacheSlot(Path.Combine(paths.Cache, "xen-compiled", key), bounds, time).GetOrFillAsync(
            tree => File.Exists(Path.Combine(tree, XenMake.Result)),
            async (tree, stop) =>
            {
                progress.Report($"compiling Xen {source.Version} with {string.Join(' ', release.XenOptions)} (about a minute, once)");
                await CopyAsync(source.Directory, tree, stop);
                await _make.ConfigureAsync(tree, release.XenOptions, stop);
                await _make.BuildAsync(tree, $"Compiling Xen {source.Version}", source.Version, stop);
            }, cancellation);
        return directory;
    }

    /// <summary>With the files' times, or make would compile everything again.</summary>
    private async Task<string> CopyAsync(string from, string to, CancellationToken cancellation)
    {
        Directory.CreateDirectory(to);
        await new KernelTools(bounds, time).RunAsync(LabFault.Build, "The cache must be writable.", "cp", ["-a", Path.Combine(from, "."), to], cancellation);
        return to;
    }

    /// <summary>A file that lost a byte since it was built is built again.</summary>
    private static bool IsWhole(string directory)
    {
        var (file, hash) = (Path.Combine(directory, FileName), Path.Combine(directory, HashName));
        return File.Exists(file) && File.Exists(hash)
            && File.ReadAllText(hash) == Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(file)));
    }
}
