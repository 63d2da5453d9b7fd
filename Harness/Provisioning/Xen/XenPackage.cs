using System.Text.RegularExpressions;
using HvLab.Harness.Lab;
using HvLab.Harness.Lab.Configuration;

namespace HvLab.Harness.Provisioning.Xen;

/// <summary>What the name of a hypervisor's package says: "xen-hypervisor-4.17-amd64" is Xen 4.17.</summary>
public static partial class XenPackage
{
    /// <summary>"4.17", as Xen's libraries are named after: libxenctrl.so.4.17.</summary>
    /// <exception cref="LabException"><see cref="LabFault.Configuration"/>: the release names no such package.</exception>
    public static string VersionOf(Release release)
    {
        ArgumentNullException.ThrowIfNull(release);
        return Name().Match(release.XenPackage) is { Success: true } match ? match.Groups["version"].Value
            : throw new LabException(LabFault.Configuration,
                $"releases:{release.Name}:xenPackage is '{release.XenPackage}': the name of a hypervisor's package is expected, for instance xen-hypervisor-4.17-amd64.");
    }

    [GeneratedRegex(@"\Axen-hypervisor-(?<version>\d+\.\d+)-amd64\z", RegexOptions.ExplicitCapture)]
    private static partial Regex Name();
}
