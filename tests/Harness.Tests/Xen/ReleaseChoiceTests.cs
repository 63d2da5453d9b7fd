using HvLab.Harness.Cli.Commands;
using HvLab.Harness.Lab;
using HvLab.Harness.Scheduling;
using HvLab.Harness.Tests.Cli;

namespace HvLab.Harness.Tests.Xen;

public sealed class ReleaseChoiceTests
{
    private static IEnumerable<(string Release, string Suites)> Legs(RunRequest request) =>
        request.ByRelease.Select(leg => (leg.Release.Name, string.Join(' ', leg.Suites.Select(suite => suite.Name))));

    [Test]
    public void Without_a_suite_KVM_runs_and_then_Xen()
    {
        using var terminal = new Terminal();
        Assert.That(Legs(RunRequests.From(new RunOptions(), terminal.Session)), Is.EqualTo(new[] { ("kvm-6.1", "kvm"), ("xen-4.17", "xen") }));
    }

    [Test]
    public void A_suite_names_its_release_and_suites_of_one_release_share_a_box()
    {
        using var terminal = new Terminal();
        Assert.That(Legs(RunRequests.From(new RunOptions { Suites = ["xen-paging", "kvm", "xen-ioreq"] }, terminal.Session)),
            Is.EqualTo(new[] { ("xen-4.17", "xen-paging xen-ioreq"), ("kvm-6.1", "kvm") }));
    }

    [Test]
    public void A_suite_names_its_box_and_an_option_names_another()
    {
        using var terminal = new Terminal();
        Assert.That(Boxes(new RunOptions { Suites = ["xen-ept"] }), Is.EqualTo(new[] { ("bochs-ept", "xen-4.17-paging") }));
        Assert.That(Boxes(new RunOptions { Suites = ["xen-ept", "xen"] }), Is.EqualTo(new[] { ("bochs-ept", "xen-4.17-paging"), ("default", "xen-4.17") }));
        Assert.That(Boxes(new RunOptions { Suites = ["xen-ept", "xen"], Release = "xen-4.17-stock" }), Is.EqualTo(new[] { ("bochs-ept", "xen-4.17-stock"), ("default", "xen-4.17-stock") }));
        Assert.That(Boxes(new RunOptions { Suites = ["xen-ept"], Box = "default" }), Is.EqualTo(new[] { ("default", "xen-4.17-paging") }));

        IEnumerable<(string Box, string Release)> Boxes(RunOptions options) =>
            RunRequests.From(options, terminal.Session).ByRelease.Select(leg => (leg.Box.Name, leg.Release.Name));
    }

    [Test]
    public void A_named_release_is_for_all_suites()
    {
        using var terminal = new Terminal();
        Assert.That(Legs(RunRequests.From(new RunOptions { Suites = ["xen-paging", "kvm"], Release = "xen-4.20" }, terminal.Session)),
            Is.EqualTo(new[] { ("xen-4.20", "xen-paging kvm") }));
    }

    [Test]
    public void Only_the_last_box_stays_up()
    {
        using var terminal = new Terminal();
        Assert.That(RunRequests.From(new RunOptions { Keep = true }, terminal.Session).ByRelease.Select(leg => leg.Keep), Is.EqualTo(new[] { false, true }));
    }

    [Test]
    public void An_own_kernel_is_KVMs_where_Xen_is_not_spoken_of()
    {
        using var terminal = new Terminal();
        var bzImage = new byte[0x400];
        "HdrS"u8.CopyTo(bzImage.AsSpan(0x202));
        terminal.Write("bzImage", bzImage);
        Assert.That(Legs(RunRequests.From(new RunOptions { Kernel = "bzImage" }, terminal.Session)), Is.EqualTo(new[] { ("kvm-6.1", "kvm") }));
    }

    [Test]
    public void An_own_Xen_runs_with_the_libraries_of_its_version_and_is_not_lab_patched()
    {
        using var terminal = new Terminal();
        var path = terminal.Write("xen", XenImageTests.Elf("# Xen/x86 4.20.0 Configuration\n"));
        var request = RunRequests.From(new RunOptions { Xen = "xen" }, terminal.Session);
        Assert.Multiple(() =>
        {
            Assert.That(request.Legs, Is.Empty);
            Assert.That(request.Release.ImagePackages, Does.Contain("libxenmisc4.20"));
            Assert.That(request.Release.Xen, Is.EqualTo(path));
            Assert.That((request.Release.XenFlavour, request.Release.LabPatched), Is.EqualTo(("own", false)));
            Assert.That(request.Release.XenOptions.Concat(request.Release.XenPatches), Is.Empty);
            Assert.That(request.Command, Does.Contain(path), "the recorded command works from anywhere");
        });
    }

    private static readonly object[] Wrong =
    [
        new object[] { "4.16.0", new RunOptions { Xen = "xen" }, "this is Xen 4.16; lab-config has libraries of 4.17, 4.20 alone" },
        new object[] { "4.20.0", new RunOptions { Xen = "xen", Release = "xen-4.17" }, "speak to no other version" },
        new object[] { "4.17.0", new RunOptions { Xen = "xen", Release = "kvm-6.1" }, "release kvm-6.1 runs kvm" },
        new object[] { "4.17.0", new RunOptions { Xen = "xen", Suites = ["kvm"] }, "none of the suites kvm runs on xen" },
        new object[] { "4.17.0", new RunOptions { Xen = "gone" }, "cannot be read" },
    ];

    [TestCaseSource(nameof(Wrong))]
    public void What_does_not_fit_is_refused_before_anything_starts(string version, RunOptions options, string expected)
    {
        using var terminal = new Terminal();
        terminal.Write("xen", XenImageTests.Elf($"# Xen/x86 {version} Configuration\n"));
        var refused = Assert.Throws<LabException>(() => RunRequests.From(options, terminal.Session));
        Assert.That(refused!.Reason, Is.EqualTo(LabFault.Configuration));
        Assert.That(refused.Message, Does.Contain(expected));
    }
}
