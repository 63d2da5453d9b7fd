using HvLab.Harness.Lab.Configuration;
using HvLab.Harness.Provisioning.Boxes;
using HvLab.Harness.Provisioning.Xen;

namespace HvLab.Harness.Provisioning.Setup;

/// <summary>What this machine has to have for a run, and no more: not everybody has a Bochs box, or rebuilds Xen.</summary>
public static class RunRequirements
{
    public static IReadOnlyList<Requirement> For(BoxResource box, Release release)
    {
        ArgumentNullException.ThrowIfNull(box);
        return [.. XenBuildRequirements.For(release), .. box.Type == "bochs" ? BochsRequirements.All : []];
    }

    /// <summary>Everything that any run may need.</summary>
    public static IReadOnlyList<Requirement> All { get; } =
        [.. Requirements.All.Concat(XenBuildRequirements.All).Concat(BochsRequirements.All).DistinctBy(requirement => requirement.Program)];
}
