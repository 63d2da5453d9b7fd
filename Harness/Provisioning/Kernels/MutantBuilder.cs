using System.Security.Cryptography;
using HvLab.Harness.Lab;
using HvLab.Harness.Lab.Configuration;

namespace HvLab.Harness.Provisioning.Kernels;

/// <summary>Modules of a mutant, ready to be a release's <see cref="Release.ModulesDirectory"/>.</summary>
/// <param name="Directory">Holds kvm.ko and kvm-amd.ko and nothing else that a kernel loads.</param>
/// <param name="Took">From the request to the modules, the wait for another process's build included.</param>
/// <param name="Cached">True where nothing was compiled.</param>
public sealed record MutantBuild(Mutant Mutant, string Directory, TimeSpan Took, bool Cached);

/// <summary>
/// Rebuilds KVM's modules with a mutant's edits, in a copy of the compiled tree: a few seconds a mutant. The result is
/// cached by kernel version, compiler version and edits; a killed build is never used, and two at once build once.
/// </summary>
public sealed class MutantBuilder(KvmSourceTree source, KernelPackages packages, Bounds bounds, TimeProvider time)
{
    private const string HashFile = "sha256";

    /// <param name="mutant">One of <see cref="MutantCatalog"/>, or <see cref="Mutant.Control"/>.</param>
    /// <exception cref="LabException">
    /// <see cref="LabFault.Configuration"/> for an edit that does not apply exactly once, <see cref="LabFault.Build"/> for one
    /// that does not compile, and those of <see cref="KvmSourceTree.CompiledAsync"/>.
    /// </exception>
    public async Task<MutantBuild> BuildAsync(Mutant mutant, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(mutant);
        var began = time.GetTimestamp();
        var compiled = await source.CompiledAsync(packages, cancellation);
        var slot = source.SlotBeside(compiled, "kvm-mutants", $"{mutant.Name}-{mutant.EditsHash[..16]}");
        var (directory, cached) = await slot.GetOrFillAsync(
            IsWhole, (fresh, stop) => FillAsync(mutant, compiled, fresh, stop), cancellation);
        return new(mutant, directory, time.GetElapsedTime(began), cached);
    }

    private async Task FillAsync(Mutant mutant, string compiled, string fresh, CancellationToken cancellation)
    {
        var changed = MutantEdits.Apply(mutant, compiled);
        var tree = Path.Combine(fresh, ".tree");
        Directory.CreateDirectory(tree);
        var build = new KernelBuild(packages, bounds, time);
        await build.CopyAsync(compiled, tree, cancellation);
        foreach (var (file, text) in changed)
        {
            var path = Path.Combine(tree, file);
            // A new file, never the old one rewritten: what is a hard link today must not reach the clean tree.
            File.Delete(path);
            await File.WriteAllTextAsync(path, text, cancellation);
        }
        await build.MakeAsync(tree, $"Compiling mutant '{mutant.Name}'", cancellation);
        foreach (var module in KernelBuild.Modules)
            File.Move(Path.Combine(tree, KernelBuild.ModuleDirectory, module), Path.Combine(fresh, module));
        Directory.Delete(tree, recursive: true);
        await File.WriteAllTextAsync(Path.Combine(fresh, HashFile), Hash(fresh), cancellation);
    }

    /// <summary>Modules that lost a byte since they were built are built again: the hash of 2.5 MB costs milliseconds.</summary>
    private static bool IsWhole(string directory) =>
        KernelBuild.Modules.All(module => File.Exists(Path.Combine(directory, module)))
        && File.Exists(Path.Combine(directory, HashFile))
        && File.ReadAllText(Path.Combine(directory, HashFile)) == Hash(directory);

    private static string Hash(string directory) =>
        string.Concat(KernelBuild.Modules.Select(module =>
            $"{Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(Path.Combine(directory, module))))}  {module}\n"));
}
