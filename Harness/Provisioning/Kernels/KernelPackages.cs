namespace HvLab.Harness.Provisioning.Kernels;

/// <summary>The Debian packages that rebuild modules for one kernel, all of exactly its version.</summary>
/// <param name="Abi">uname -r of the kernel, for instance "6.1.0-56-amd64".</param>
/// <param name="Version">Package version of the kernel's image, for instance "6.1.192-2".</param>
/// <param name="Headers">For instance "linux-headers-6.1.0-56-amd64".</param>
/// <param name="CommonHeaders">For instance "linux-headers-6.1.0-56-common".</param>
/// <param name="KernelBuild">For instance "linux-kbuild-6.1".</param>
/// <param name="Source">For instance "linux-source-6.1".</param>
/// <param name="Compiler">For instance "gcc-12".</param>
public sealed record KernelPackages(
    string Abi, string Version, string Headers, string CommonHeaders, string KernelBuild, string Source, string Compiler)
{
    /// <summary>Directory name of everything cached for this kernel.</summary>
    public string Key => $"{Abi}_{Version.Replace(':', '.')}";

    /// <summary>What apt is asked for: "name=version", one a package.</summary>
    public IReadOnlyList<string> Downloads =>
        [.. new[] { Headers, CommonHeaders, KernelBuild, Source }.Select(name => $"{name}={Version}")];

    public IReadOnlyList<BuildRequirement> Requirements => BuildRequirements.For(Compiler);
}
