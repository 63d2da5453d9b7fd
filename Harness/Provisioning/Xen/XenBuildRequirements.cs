using HvLab.Harness.Lab.Configuration;
using HvLab.Harness.Provisioning.Setup;

namespace HvLab.Harness.Provisioning.Xen;

/// <summary>What rebuilding Xen needs on this machine, beyond what every run needs.</summary>
public static class XenBuildRequirements
{
    /// <summary>What a run of this release needs: what every run needs, and the tools of a build where it is one.</summary>
    public static IReadOnlyList<Requirement> For(Release release)
    {
        ArgumentNullException.ThrowIfNull(release);
        return release.Xen is null && (release.XenOptions.Count > 0 || release.XenPatches.Count > 0) ? [.. Requirements.All, .. All] : Requirements.All;
    }

    public static IReadOnlyList<Requirement> All { get; } =
    [
        new("patch", "patch", "patch", "apply Debian's patches to Xen's source"),
        new("make", "make", "make", "build Xen"),
        new("gcc", "gcc", "gcc", "compile Xen"),
        new("ld", "ld", "binutils", "link Xen"),
        new("flex", "flex", "flex", "build Xen's configuration tool"),
        new("bison", "bison", "bison", "build Xen's configuration tool"),
        new("python3", "python3", "python3-minimal", "generate Xen's compatibility headers"),
    ];
}
