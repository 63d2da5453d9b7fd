using System.Globalization;
using HvLab.Harness.Lab;
using HvLab.Harness.Lab.Configuration;
using HvLab.Harness.Provisioning.Kernels;

namespace HvLab.Harness.Provisioning.Xen;

/// <summary>Runs Xen's own build in a tree of <see cref="XenSource"/>.</summary>
internal sealed class XenMake(Bounds bounds, TimeProvider time)
{
    /// <summary>The multiboot ELF, relative to the tree.</summary>
    public const string Result = "xen/xen";
    private const string Config = "xen/.config", Wanted = ".lab-config";

    private readonly KernelTools _tools = new(bounds, time);

    /// <summary>For instance "12.2.0".</summary>
    public async Task<string> CompilerVersionAsync(CancellationToken cancellation) =>
        (await _tools.RunAsync(LabFault.MissingTool, "Install the package 'gcc'.", "gcc", ["-dumpfullversion"], cancellation)).Output.Trim();

    /// <summary>Everything that is not named here gets the default of Xen's own Kconfig.</summary>
    /// <exception cref="LabException"><see cref="LabFault.Configuration"/>: Kconfig did not take an option.</exception>
    public async Task ConfigureAsync(string tree, IReadOnlyList<string> options, CancellationToken cancellation)
    {
        var wanted = Path.Combine(tree, Wanted);
        await File.WriteAllLinesAsync(wanted, options, cancellation);
        await RunAsync(tree, "Configuring Xen", ["alldefconfig"], new Dictionary<string, string> { ["KCONFIG_ALLCONFIG"] = wanted }, cancellation);
        var taken = (await File.ReadAllLinesAsync(Path.Combine(tree, Config), cancellation)).ToHashSet(StringComparer.Ordinal);
        if (options.FirstOrDefault(option => !IsTaken(option)) is { } refused)
            throw new LabException(LabFault.Configuration,
                $"Xen's Kconfig did not take '{refused}': this version has no such option, or it needs another one that 'xenOptions' in lab-config/releases.json does not name.");

        bool IsTaken(string option) => taken.Contains(option)
            // A bool that is off, or hidden by what it depends on, is off either way.
            || (option.EndsWith("=n", StringComparison.Ordinal) && !taken.Contains($"{option[..^1]}y"));
    }

    /// <summary>Compiles what changed.</summary>
    /// <param name="what">Begins the error's sentence, for instance "Compiling Xen 4.17".</param>
    /// <param name="version">What Xen's banner says of its origin: one word.</param>
    public Task BuildAsync(string tree, string what, string version, CancellationToken cancellation) =>
        RunAsync(tree, what,
            [
                string.Create(CultureInfo.InvariantCulture, $"-j{Environment.ProcessorCount}"),
                // The EFI image is linked three times over, and boxes boot the ELF.
                "XEN_BUILD_PE=",
                // The same source gives the same file, whoever builds it when.
                "XEN_BUILD_DATE=-", "XEN_BUILD_TIME=-", "XEN_BUILD_HOST=hvlab",
            ],
            new Dictionary<string, string> { ["DEB_VERSION"] = version }, cancellation);

    private async Task RunAsync(
        string tree, string what, IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string> environment, CancellationToken cancellation) =>
        await _tools.RunAsync(LabFault.Build,
            $"{what} failed: the compiler's words are below. If they are not about an edit of lab-config, delete 'xen-source' and "
            + "'xen-compiled' in the cache and run the command again.",
            "make", ["XEN_TARGET_ARCH=x86_64", .. arguments], cancellation, Path.Combine(tree, "xen"),
            // A developer's own builds may have left these in the shell.
            new Dictionary<string, string>(environment)
            {
                ["MAKEFLAGS"] = "", ["KBUILD_OUTPUT"] = "", ["XEN_ROOT"] = "", ["CROSS_COMPILE"] = "", ["DEB_MAINTAINER"] = "HvLab <lab@hvlab>",
            });
}
