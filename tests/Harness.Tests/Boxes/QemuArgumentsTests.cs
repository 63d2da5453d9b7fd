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

    private static string After(IReadOnlyList<string> arguments, string option) =>
        arguments.SkipWhile(argument => argument != option).Skip(1).First();
}
