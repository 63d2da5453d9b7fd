using HvLab.Harness.Lab;
using HvLab.Harness.Lab.Configuration;
using HvLab.Harness.Provisioning.Kernels;
using HvLab.Harness.Provisioning.Xen;
using HvLab.Harness.Tests.Configuration;

namespace HvLab.Harness.Tests.Xen;

/// <summary>What lab-config says of Xen.</summary>
public sealed class XenReleasesTests
{
    private static readonly HvLabPaths Paths = HvLabPaths.Find(Environment.GetEnvironmentVariable);
    private static LabConfig Lab => LabConfigLoader.Load(Paths.LabConfig, new Dictionary<string, string>(), []);
    private static IEnumerable<string> Names => Lab.Releases.Values.Where(release => release.Hypervisor == "xen").Select(release => release.Name);

    [Test]
    public void Each_version_is_there_as_stock_as_rebuilt_and_as_patched()
    {
        foreach (var version in new[] { "4.17", "4.20" })
            Assert.That(Lab.Releases.Values.Where(release => release.Hypervisor == "xen" && XenPackage.VersionOf(release) == version)
                .Select(release => (release.Name, release.XenFlavour, release.XenOptions.Count > 0, release.LabPatched)), Is.EquivalentTo(new[]
            {
                ($"xen-{version}", "sharing-amd", true, true), ($"xen-{version}-paging", "paging", true, false), ($"xen-{version}-stock", "stock", false, false),
            }));
    }

    [TestCaseSource(nameof(Names))]
    public void A_release_has_the_libraries_of_its_own_version(string name) =>
        Assert.That(Lab.Releases[name].ImagePackages, Does.Contain($"libxenmisc{XenPackage.VersionOf(Lab.Releases[name])}"));

    [TestCaseSource(nameof(Names))]
    public void Dom0_has_one_CPU_of_its_own_and_Xen_speaks_on_the_serial_line(string name)
    {
        Assert.That(Lab.Releases[name].XenCommandLine.Split(' '), Is.SupersetOf(new[] { "dom0_max_vcpus=1", "dom0_vcpus_pin", "bootscrub=0", "console=com1" }));
        Assert.That(Lab.Releases[name].KernelCommandLine.Split(' '), Does.Contain("console=hvc0"));
    }

    [TestCaseSource(nameof(Names))]
    public void Every_patch_that_a_release_names_is_known(string name) =>
        Assert.That(Lab.Releases[name].XenPatches, Is.SubsetOf(MutantCatalog.LoadXenPatches(Paths).Select(patch => patch.Name)));

    [Test]
    public void A_patched_release_is_lab_patched_whether_or_not_it_says_so()
    {
        using var directory = new LabDirectory();
        Assert.That(directory.Load(null, "releases:xen-4.17-paging:xenPatches:0=x").Releases["xen-4.17-paging"].LabPatched, Is.True);
    }

    [Test]
    public void A_release_of_Xen_without_a_package_is_a_problem()
    {
        using var directory = new LabDirectory();
        Assert.That(() => directory.Load(null, "releases:xen-4.17:xenPackage="),
            Throws.TypeOf<LabException>().With.Message.Contains("releases:xen-4.17:xenPackage"));
    }

    [TestCase("xen-hypervisor-4.17-amd64", "4.17")]
    [TestCase("xen-hypervisor-4.20-amd64", "4.20")]
    public void The_packages_name_says_the_version(string package, string version) =>
        Assert.That(XenPackage.VersionOf(Lab.Releases["xen-4.17"] with { XenPackage = package }), Is.EqualTo(version));

    [TestCase("xen-system-amd64")]
    [TestCase("xen-hypervisor-4.17-arm64")]
    public void A_package_that_is_no_hypervisor_for_this_machine_is_refused(string package) =>
        Assert.That(() => XenPackage.VersionOf(Lab.Releases["xen-4.17"] with { XenPackage = package }),
            Throws.TypeOf<LabException>().With.Message.Contains(package));
}
