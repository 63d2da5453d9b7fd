using HvLab.Harness.Lab;
using HvLab.Harness.Provisioning.Boxes;

namespace HvLab.Harness.Tests.Boxes;

public sealed class HostLineTests
{
    private static readonly HostFacts Known = new()
    {
        Box = "b", Release = "r", Kernel = "unknown", KernelVersion = "unknown", CpuVendor = "unknown", CpuModel = "unknown", Cpus = 0,
        Platform = "tcg", NestedPaging = "none", KvmModule = "none",
    };

    [Test]
    public void The_line_of_init_says_what_the_host_is()
    {
        var facts = HostFactsReader.FromConsole(
            "text\nHVLAB-HOST 6.1.0-56-amd64|#1 SMP Debian 6.1.192-2|AuthenticAMD|QEMU TCG CPU version 2.5+|0-1,3|Y||.\r\n\nHVLAB-READY\n", Known);
        Assert.That(facts, Is.Not.Null);
        Assert.That((facts!.Kernel, facts.CpuVendor, facts.Cpus, facts.NestedPaging, facts.KvmModule, facts.Box),
            Is.EqualTo(("6.1.0-56-amd64", "AuthenticAMD", 3, "NPT", "kvm_amd", "b")));
    }

    [TestCase("HVLAB-READY\n", TestName = "No_line_is_asked_by_ssh")]
    [TestCase("HVLAB-HOST 6.1|#1 S[ 2.1] random: crng init done\n", TestName = "A_broken_line_is_asked_by_ssh")]
    [TestCase("HVLAB-HOST 6.1|#1|A|M|x-y|Y||.\n", TestName = "A_line_with_nonsense_is_asked_by_ssh")]
    public void An_unusable_line_is_none(string console) => Assert.That(HostFactsReader.FromConsole(console, Known), Is.Null);
}
