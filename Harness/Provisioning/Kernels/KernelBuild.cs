using System.Globalization;
using HvLab.Harness.Lab;
using HvLab.Harness.Lab.Configuration;

namespace HvLab.Harness.Provisioning.Kernels;

/// <summary>Copies a tree of <see cref="KvmSourceTree"/> and compiles KVM in the copy.</summary>
internal sealed class KernelBuild(KernelPackages packages, Bounds bounds, TimeProvider time)
{
    public const string ModuleDirectory = "arch/x86/kvm";

    /// <summary>What the build makes; irqbypass and ccp stay those of the release.</summary>
    public static readonly IReadOnlyList<string> Modules = ["kvm.ko", "kvm-amd.ko"];

    private readonly KernelTools _tools = new(bounds, time);

    /// <summary>For instance "12.2.0".</summary>
    public async Task<string> CompilerVersionAsync(CancellationToken cancellation) =>
        (await _tools.RunAsync(LabFault.MissingTool, $"Install the package '{packages.Compiler}'.",
            packages.Compiler, ["-dumpfullversion"], cancellation)).Output.Trim();

    /// <summary>
    /// A copy in a fraction of a second: the 16,000 headers are hard links, which nothing here rewrites in place; KVM's own
    /// directories are real copies, because compilers and objtool do write into existing files.
    /// </summary>
    public async Task CopyAsync(string tree, string copy, CancellationToken cancellation)
    {
        await CopyAsync(["-al", Path.Combine(tree, "."), copy], cancellation);
        foreach (var directory in KvmSourceTree.KvmDirectories)
        {
            Directory.Delete(Path.Combine(copy, directory), recursive: true);
            // With their times, or make would compile everything again.
            await CopyAsync(["-a", Path.Combine(tree, directory), Path.Combine(copy, directory)], cancellation);
        }
    }

    /// <summary>Compiles what changed. M= is relative on purpose: it ends up in make's memory of how each file was compiled.</summary>
    /// <param name="what">Begins the error's sentence, for instance "Compiling mutant 'x'".</param>
    public async Task MakeAsync(string tree, string what, CancellationToken cancellation) =>
        await _tools.RunAsync(LabFault.Build,
            $"{what} failed: the compiler's words are below. If they are not about an edit of lab-config/mutants, delete "
            + "'kvm-source' and 'kvm-compiled' in the cache and run the command again.",
            "make",
            [
                string.Create(CultureInfo.InvariantCulture, $"-j{Environment.ProcessorCount}"),
                $"M={ModuleDirectory}", "CONFIG_KVM=m", "CONFIG_KVM_AMD=m", "CONFIG_KVM_INTEL=n",
                // Debug information would triple the time, and the modules load without it.
                "KCFLAGS=-g0", "CROSS_COMPILE=", "modules",
            ],
            cancellation, tree,
            // A developer's own kernel build may have left these in the shell.
            new Dictionary<string, string> { ["MAKEFLAGS"] = "", ["KBUILD_OUTPUT"] = "", ["KBUILD_EXTMOD"] = "" });

    private Task CopyAsync(IReadOnlyList<string> arguments, CancellationToken cancellation) =>
        _tools.RunAsync(LabFault.Build, "The cache must be on one file system that has hard links.", "cp", arguments, cancellation);
}
