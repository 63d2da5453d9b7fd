using HvLab.Harness.Drivers.Qemu;

namespace HvLab.Harness.Tests.Boxes;

internal sealed class QemuArgumentsTests
{
    private static readonly QemuMachine Machine = new()
    {
        Emulator = "/usr/bin/qemu-system-x86_64", Kvm = false, Cpus = 2, MemoryMiB = 1024, CpuModel = "max",
        Kernel = "/k/vmlinux", Initramfs = "/k/root.cpio", CommandLine = "console=ttyS0 quiet",
        SshPort = 4022, QmpSocket = "/s/qmp", SerialSocket = "/s/serial", ConsoleLog = "/runs/a,b/console.log",
    };

    [Test]
    public void The_same_machine_gives_the_same_arguments() =>
        Assert.That(QemuArguments.Build(Machine), Is.EqualTo(QemuArguments.Build(Machine with { })));

    [Test]
    public void Nothing_listens_beyond_loopback()
    {
        var arguments = QemuArguments.Build(Machine);
        var forwards = arguments.Where(argument => argument.Contains("hostfwd=", StringComparison.Ordinal)).ToList();
        Assert.That(forwards, Has.Count.EqualTo(1));
        Assert.That(forwards[0], Does.Contain("hostfwd=tcp:127.0.0.1:4022-10.0.2.15:22").And.Contain("restrict=on"));
        Assert.That(arguments, Has.None.Contains("0.0.0.0").And.None.Contains("-vnc").And.None.Contains("tcp::"));
    }

    [TestCase(false, "tcg,thread=multi", "max")]
    [TestCase(true, "kvm", "host")]
    public void Acceleration_decides_accelerator_and_cpu(bool kvm, string accel, string cpu)
    {
        var arguments = QemuArguments.Build(Machine with { Kvm = kvm });
        Assert.That(After(arguments, "-accel"), Is.EqualTo(accel));
        Assert.That(After(arguments, "-cpu"), Is.EqualTo(cpu));
    }

    [Test]
    public void A_comma_in_a_path_is_doubled() =>
        Assert.That(QemuArguments.Build(Machine), Has.Some.Contains("logfile=/runs/a,,b/console.log,logappend=on"));

    [Test]
    public void A_command_line_stays_one_argument() =>
        Assert.That(After(QemuArguments.Build(Machine), "-append"), Is.EqualTo("console=ttyS0 quiet"));

    [Test]
    public void Only_a_restore_waits_for_an_incoming_state()
    {
        Assert.That(QemuArguments.Build(Machine), Has.None.EqualTo("-incoming"));
        Assert.That(After(QemuArguments.Build(Machine with { Incoming = true }), "-incoming"), Is.EqualTo("defer"));
    }

    [Test]
    public void What_a_snapshot_depends_on_holds_neither_ports_nor_paths()
    {
        var moved = Machine with { SshPort = 1, QmpSocket = "/x", SerialSocket = "/y", ConsoleLog = "/z", Incoming = true };
        Assert.That(QemuArguments.Hardware(moved), Is.EqualTo(QemuArguments.Hardware(Machine)));
        Assert.That(QemuArguments.Hardware(Machine with { MemoryMiB = 512 }), Is.Not.EqualTo(QemuArguments.Hardware(Machine)));
    }

    private static readonly QemuMachine Xen = Machine with { Hypervisor = "/x/xen", HypervisorCommandLine = "dom0_mem=384M,max:384M console=com1", CommandLine = "console=hvc0 a=1,2" };

    [Test]
    public void A_hypervisor_boots_first_and_takes_kernel_and_initramfs_as_its_modules()
    {
        var arguments = QemuArguments.Build(Xen);
        Assert.Multiple(() =>
        {
            Assert.That(After(arguments, "-kernel"), Is.EqualTo("/x/xen"));
            Assert.That(After(arguments, "-initrd"), Is.EqualTo("/k/vmlinux console=hvc0 a=1,,2,/k/root.cpio"));
            Assert.That(After(arguments, "-append"), Is.EqualTo("dom0_mem=384M,max:384M console=com1"));
        });
    }

    [Test]
    public void A_space_in_a_modules_path_is_refused_because_QEMU_would_cut_there() =>
        Assert.That(() => QemuArguments.Build(Xen with { Initramfs = "/my cache/root.cpio" }),
            Throws.TypeOf<HvLab.Harness.Lab.LabException>().With.Message.Contains("/my cache/root.cpio"));

    [TestCase("7.2.22", "max,-smap")]
    [TestCase("9.2.0", "max,-smap")]
    [TestCase("10.0.2", "max")]
    [TestCase(null, "max,-smap")]
    public void An_emulator_that_kills_dom0_by_SMAP_goes_without(string? version, string model) =>
        Assert.That(XenCpu.ModelFor("max", version is null ? null : Version.Parse(version)), Is.EqualTo(model));

    [TestCase("max,-smap")]
    [TestCase("max,smap=off")]
    public void A_model_that_speaks_of_SMAP_is_left_alone(string model) => Assert.That(XenCpu.ModelFor(model, new(7, 2)), Is.EqualTo(model));

    private static string After(IReadOnlyList<string> arguments, string option) =>
        arguments.SkipWhile(argument => argument != option).Skip(1).First();
}
