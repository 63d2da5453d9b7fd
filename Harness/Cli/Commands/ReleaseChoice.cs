using HvLab.Harness.Lab;
using HvLab.Harness.Lab.Configuration;
using HvLab.Harness.Provisioning.Xen;
using HvLab.Harness.Scheduling;

namespace HvLab.Harness.Cli.Commands;

/// <summary>Which release each suite of a run boots, and in which box, with the developer's own files in their place.</summary>
internal static class ReleaseChoice
{
    /// <summary>At least one leg; suites of one release and box are one leg, in the order in which they were first named.</summary>
    /// <param name="options">With absolute paths.</param>
    /// <exception cref="LabException"><see cref="LabFault.Configuration"/>: a name, or files that fit none of the releases.</exception>
    public static IReadOnlyList<RunLeg> Of(RunOptions options, LabConfig lab)
    {
        var names = (options.Suites.Count > 0 ? options.Suites : lab.Defaults.Suites).Distinct(StringComparer.Ordinal);
        var suites = names.Select(name => RunRequests.Find(lab.Suites, name, "SUITE", "suite")).ToList();
        var legs = suites.GroupBy(suite => (Box: BoxOf(suite, options, lab), Release: NameOf(suite, options, lab)))
            .Select(group => new RunLeg(RunRequests.Find(lab.Boxes, group.Key.Box, "--box", "box"),
                RunRequests.Find(lab.Releases, group.Key.Release, "--release", "release"), [.. group])).ToList();
        legs = Fitting(legs, options);
        return [.. legs.Select(leg => leg with { Release = WithOwnFiles(leg.Release, options, lab) })
            .GroupBy(leg => (leg.Box.Name, leg.Release.Name)).Select(group => group.First() with { Suites = [.. group.SelectMany(leg => leg.Suites)] })];
    }

    private static string BoxOf(Suite suite, RunOptions options, LabConfig lab) =>
        options.Box ?? (suite.Box.Length > 0 ? suite.Box : lab.Defaults.Box);

    private static string NameOf(Suite suite, RunOptions options, LabConfig lab) =>
        options.Release ?? (suite.Release.Length > 0 ? suite.Release : lab.Defaults.Release);

    /// <summary>An own hypervisor or kernel speaks of its own legs: the default suites of the other hypervisor would say nothing of it.</summary>
    private static List<RunLeg> Fitting(List<RunLeg> legs, RunOptions options)
    {
        var own = options.Xen is not null ? "xen" : options.Kernel is not null || options.Modules is not null ? "kvm" : null;
        if (own is null || options.Release is not null || (own == "kvm" && legs.Count == 1))
            return legs;
        var fitting = legs.Where(leg => leg.Release.Hypervisor == own).ToList();
        return fitting.Count > 0 ? fitting : throw RunRequests.Bad(
            $"--{(own == "xen" ? "xen" : "kernel")}: none of the suites {string.Join(", ", legs.SelectMany(leg => leg.Suites).Select(suite => suite.Name))} runs on {own}; name a suite that does, or a release by --release.");
    }

    private static Release WithOwnFiles(Release release, RunOptions options, LabConfig lab)
    {
        if (options.Xen is { } xen)
            release = WithOwnXen(release, xen, named: options.Release is not null, lab);
        return release with
        {
            Kernel = options.Kernel ?? release.Kernel,
            ModulesDirectory = options.Modules ?? release.ModulesDirectory,
        };
    }

    private static Release WithOwnXen(Release release, string xen, bool named, LabConfig lab)
    {
        if (release.Hypervisor != "xen")
            throw RunRequests.Bad($"--xen {xen}: release {release.Name} runs {release.Hypervisor}; name a release of Xen by --release, or leave it away.");
        if (XenImage.Describe(XenImage.Load(xen)).Version is { } version && XenPackage.VersionOf(release) != version)
        {
            var known = lab.Releases.Values.Where(other => other.Hypervisor == "xen").ToList();
            release = (named ? null : known.FirstOrDefault(other => XenPackage.VersionOf(other) == version)) ?? throw RunRequests.Bad(
                $"--xen {xen}: this is Xen {version}; "
                + (named ? $"release {release.Name} has the libraries of Xen {XenPackage.VersionOf(release)}, which speak to no other version."
                    : $"lab-config has libraries of {string.Join(", ", known.Select(XenPackage.VersionOf).Distinct())} alone. Add a release with the packages of Xen {version} to releases.json."));
        }
        // Nothing of what the lab makes of its own source is in this one.
        return release with { Xen = xen, XenOptions = [], XenPatches = [], XenFlavour = "own", LabPatched = false };
    }
}
