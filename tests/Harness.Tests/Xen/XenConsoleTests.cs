using HvLab.Harness.Lab;
using HvLab.Harness.Provisioning.Boxes;

namespace HvLab.Harness.Tests.Xen;

/// <summary>The words are those of real boots.</summary>
public sealed class XenConsoleTests
{
    private static readonly HostFacts Known = new()
    {
        Box = "b", Release = "xen-4.17", Kernel = "6.1.0-56-amd64", KernelVersion = "v", CpuVendor = "AuthenticAMD", CpuModel = "m", Cpus = 1,
        Platform = "tcg", NestedPaging = "none", KvmModule = "unknown",
    };

    private static HostFacts Hear(string flavour, params string[] lines)
    {
        var console = new XenConsole();
        foreach (var line in lines)
            console.Hear(line);
        return console.Apply(Known, flavour);
    }

    [Test]
    public void The_labs_build_is_known_by_its_own_banner()
    {
        var facts = Hear("stock",
            "(XEN) Xen version 4.17.5 (Debian 4.17.5+72-g01140da",
            "(XEN) Xen version 4.17.5 (Debian 4.17.5+72-g01140da4e8-1+hvlab.sharing-amd) (lab@hvlab) (gcc (Debian 12.2.0-14+deb12u1) 12.2.0) debug=y -\r",
            "(XEN) build-id: 6b5e1a1f", "(XEN) Brought up 2 CPUs", "(XEN)  - Nested Page Tables (NPT)",
            "HVLAB-XEN 4.17.5|CONFIG_MEM_PAGING CONFIG_MEM_SHARING CONFIG_DEBUG|.\r");
        Assert.Multiple(() =>
        {
            Assert.That(facts.Xen?.Version, Is.EqualTo("4.17.5"));
            Assert.That(facts.Xen?.Flavour, Is.EqualTo("sharing-amd"));
            Assert.That(facts.Xen?.Debug, Is.True);
            Assert.That(facts.Xen?.Build, Does.StartWith("(Debian 4.17.5+72").And.EndWith("12.2.0)"));
            Assert.That(facts.Xen?.BuildId, Is.EqualTo("6b5e1a1f"));
            Assert.That(facts.Xen?.Options, Is.EqualTo(new[] { "CONFIG_MEM_PAGING", "CONFIG_MEM_SHARING", "CONFIG_DEBUG" }));
            Assert.That((facts.NestedPaging, facts.Cpus, facts.KvmModule), Is.EqualTo(("NPT", 2, "none")));
            Assert.That(facts.Capabilities, Is.EqualTo(new[] { HostCapability.Xen, HostCapability.XenPaging, HostCapability.XenSharing }));
        });
    }

    [Test]
    public void A_stock_one_can_neither_page_nor_share()
    {
        var facts = Hear("stock",
            "(XEN) Xen version 4.17.7 (Debian 4.17.7+13-g2445b30a44-0+deb12u1) (pkg@x) (x86_64-linux-gnu-gcc (Debian 12.2.0-14+deb12u1) 12.2.0) debug=n Wed Nov  4 16:52:28 UTC 2026",
            "HVLAB-XEN 4.17.7||.");
        Assert.That((facts.Xen?.Version, facts.Xen?.Flavour, facts.Xen?.Debug), Is.EqualTo(("4.17.7", "stock", false)));
        Assert.That(facts.Capabilities, Is.EqualTo(new[] { HostCapability.Xen }));
    }

    [Test]
    public void The_banner_is_heard_where_the_firmwares_last_line_has_no_end()
    {
        var facts = Hear("own", "Booting from ROM..(XEN) Xen version 4.17.5 (Debian", "Booting from ROM..(XEN) Xen version 4.17.5 (Debian 1+hvlab.paging) (lab@hvlab) (gcc) debug=y -\r");
        Assert.That((facts.Xen?.Version, facts.Xen?.Flavour, facts.Xen?.Debug), Is.EqualTo(("4.17.5", "paging", true)));
    }

    [Test]
    public void What_a_guest_prints_is_not_Xens_word() =>
        Assert.That(Hear("own", "(XEN) Xen version 4.17.5 (a) debug=n -", "(d1) (XEN) Xen version 9.9 and much, much longer debug=y -").Xen?.Version, Is.EqualTo("4.17.5"));

    [TestCase("paging", "(XEN)  - Nested Page Tables (NPT)", false)]
    [TestCase("paging", "(XEN)  - Extended Page Tables (EPT)", true)]
    [TestCase("sharing-amd", "(XEN)  - Nested Page Tables (NPT)", true)]
    [TestCase("sharing-amd-some-mutant", "(XEN)  - Nested Page Tables (NPT)", true)]
    public void Sharing_is_refused_on_AMD_unless_the_lab_took_the_refusal_out(string flavour, string paging, bool shares) =>
        Assert.That(Hear("stock", $"(XEN) Xen version 4.17.5 (Debian 1+hvlab.{flavour}) debug=y -", paging, "HVLAB-XEN 4.17.5|CONFIG_MEM_SHARING|.")
            .Capabilities.Contains(HostCapability.XenSharing), Is.EqualTo(shares));

    [Test]
    public void Upstreams_changeset_is_kept() =>
        Assert.That(Hear("own", "(XEN) Xen version 4.19-unstable (me@here) (gcc) debug=y Thu", "(XEN) Latest ChangeSet: Tue Jan 1 git:abc").Xen,
            Has.Property("Changeset").EqualTo("Tue Jan 1 git:abc").And.Property("Flavour").EqualTo("own").And.Property("Version").EqualTo("4.19-unstable"));

    [Test]
    public void A_host_without_Xen_is_left_as_it_is() => Assert.That(Hear("", "Linux version 6.1", "(d1) Xen version 4.17"), Is.SameAs(Known));
}
