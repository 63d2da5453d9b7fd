using HvLab.Harness.Drivers.Bochs;

namespace HvLab.Harness.Tests.Boxes;

internal sealed class BochsFilesTests
{
    private static readonly BochsMachine Machine = new()
    {
        Emulator = "/usr/bin/bochs-bin", Cpus = 1, MemoryMiB = 1024, CpuModel = "corei7_haswell_4770", Mips = 300,
        Kernel = "/k/vmlinux", Initramfs = "/k/root.cpio", CommandLine = "console=hvc0", Hypervisor = "/x/xen",
        SshPort = 4022, ConsoleLog = "/runs/a b/console.log", Directory = "/tmp/a b",
    };

    [Test]
    public void Nothing_listens_beyond_loopback()
    {
        Assert.That(BochsFiles.NetworkOf(Machine).Split('\n'), Does.Contain("hostfwd = tcp:127.0.0.1:4022-10.0.2.15:22").And.Contain("restricted = 1"));
        Assert.That(BochsFiles.NetworkOf(Machine), Does.StartWith("# slirp config\n"), "by which Bochs knows the file");
        Assert.That(BochsFiles.ConfigurationOf(Machine).Split('\n'), Does.Contain("display_library: sdl2"), "the display rfb would listen on every address");
    }

    [Test]
    public void The_machine_is_the_boxs()
    {
        var lines = BochsFiles.ConfigurationOf(Machine with { MemoryMiB = 768, Mips = 50 }).Split('\n');
        Assert.That(lines, Does.Contain("memory: guest=768, host=768")
            .And.Contain("cpu: model=corei7_haswell_4770, count=1, ips=50000000, reset_on_triple_fault=0"));
    }

    [Test]
    public void A_directory_with_a_blank_stays_one_word() =>
        Assert.That(BochsFiles.ConfigurationOf(Machine), Does.Contain("path=\"/tmp/a b/boot.iso\"").And.Contain("dev=\"/tmp/a b/serial\""));

    [Test]
    public void A_Xen_that_panics_ends_Bochs_and_does_not_boot_again_from_the_disc() =>
        Assert.That(BootDisc.Menu("dom0_mem=384M,max:384M console=com1", "console=hvc0 a=1,2"), Is.EqualTo("""
            set timeout=0
            multiboot /boot/xen xen dom0_mem=384M,max:384M console=com1 reboot=t
            module /boot/vmlinux vmlinux console=hvc0 a=1,2
            module /boot/initramfs initramfs
            boot

            """));

    [Test]
    public void GRUBs_shell_takes_nothing_of_a_command_line_for_its_own() =>
        Assert.That(BootDisc.Menu("", "a=$b;c\"d\" {e}"), Does.Contain("""vmlinux vmlinux a=\$b\;c\"d\" \{e\}"""));
}
