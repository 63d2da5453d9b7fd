using HvLab.Harness.Provisioning.Setup;
using HvLab.Harness.Lab;
using HvLab.Harness.Lab.Configuration;

namespace HvLab.Harness.Tests.Images;

public sealed class SetupPlanTests
{
    private static SetupPlan Plan(params string[] path) =>
        new(Lab.Paths, Lab.Bounds, TimeProvider.System, new Machine(path));

    private static void Program(Scratch directory, string name, string script)
    {
        File.WriteAllText(directory[name], $"#!/bin/sh\n{script}\n");
        File.SetUnixFileMode(directory[name], UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    [Test]
    public async Task On_an_empty_machine_every_program_is_missing_and_the_reason_is_told()
    {
        using var empty = new Scratch();
        var missing = await new SetupPlan(Lab.Paths, Lab.Bounds, TimeProvider.System, new Machine([empty.Path], empty.Path)).FindMissingAsync();
        Assert.Multiple(() =>
        {
            Assert.That(missing.Select(m => m.Requirement), Is.EquivalentTo(Requirements.All));
            Assert.That(missing.Select(m => m.Describe()), Has.All.EqualTo("missing"));
            Assert.That(Requirements.All.Select(r => r.Why), Has.All.Not.Empty);
        });
    }

    [Test]
    public void Only_a_run_in_a_Bochs_box_asks_for_Bochs()
    {
        var release = new Release { Name = "r", Hypervisor = "xen", KernelPackage = "", ImagePackages = [], Modules = [] };
        Assert.That(RunRequirements.For(new() { Name = "b", Type = "qemu" }, release), Is.EqualTo(Requirements.All));
        Assert.That(RunRequirements.For(new() { Name = "b", Type = "bochs" }, release).Select(needed => needed.Package),
            Is.SupersetOf(new[] { "qemu-system-x86", "bochs", "bochs-sdl", "vgabios", "grub-pc-bin", "xorriso" }));
        Assert.That(RunRequirements.All.Select(needed => needed.Program), Is.Unique);
    }

    [TestCase("QEMU emulator version 7.2.22 (Debian 1:7.2+dfsg-7+deb12u18)", false)]
    [TestCase("QEMU emulator version 9.0.0", true)]
    [TestCase("QEMU emulator version 10.0.2 (Debian 1:10.0.2+ds-2+deb13u1~bpo12+1)", true)]
    [TestCase("no version at all", false)]
    public async Task Bookworms_own_QEMU_is_too_old_and_newer_ones_do(string says, bool does)
    {
        using var path = new Scratch();
        Program(path, Requirements.Qemu, $"echo '{says}'");
        var qemu = (await Plan(path.Path).InspectAsync()).Single(state => state.Requirement.Program == Requirements.Qemu);
        Assert.That(qemu.IsMet, Is.EqualTo(does), qemu.Describe());
    }

    [Test]
    public async Task A_file_that_may_not_be_executed_is_no_program()
    {
        using var path = new Scratch();
        File.WriteAllText(path["gcc"], "not executable");
        Assert.That((await Plan(path.Path).FindMissingAsync()).Select(m => m.Requirement.Program), Does.Contain("gcc"));
    }

    [Test]
    public async Task Without_apt_the_message_names_what_to_install()
    {
        using var empty = new Scratch();
        var plan = new SetupPlan(Lab.Paths, Lab.Bounds, TimeProvider.System, new Machine([empty.Path], empty.Path));
        var trouble = await Assert.ThrowsAsync<LabException>(async () => await plan.InstallAsync(await plan.FindMissingAsync(), Lab.Progress));
        Assert.That(trouble!.Message, Does.Contain("no apt-get").And.Contain("QEMU"));
    }

    [Test]
    public void A_kvm_device_without_virtualization_in_the_CPU_is_an_emulator()
    {
        using var root = new Scratch();
        Assert.That(MachineReport.InspectKvm(root.Path).Kind, Is.EqualTo(KvmKind.None));
        Directory.CreateDirectory(root["dev"]);
        Directory.CreateDirectory(root["proc"]);
        File.WriteAllText(root["dev/kvm"], "");
        File.WriteAllText(root["proc/cpuinfo"], "processor\t: 0\nflags\t\t: fpu sse2 hypervisor\n");
        File.WriteAllText(root["proc/modules"], "kvm_pvm 40960 0 - Live 0x0\nkvm 1200000 1 kvm_pvm, Live 0x0\n");
        var (kind, detail) = MachineReport.InspectKvm(root.Path);
        Assert.Multiple(() =>
        {
            Assert.That(kind, Is.EqualTo(KvmKind.Emulated));
            Assert.That(detail, Does.Contain("kvm_pvm"));
        });
        File.WriteAllText(root["proc/cpuinfo"], "flags\t\t: fpu svm npt\n");
        Assert.That(MachineReport.InspectKvm(root.Path).Kind, Is.EqualTo(KvmKind.Hardware));
        Directory.CreateDirectory(root["sys/module/kvm_amd/parameters"]);
        File.WriteAllText(root["sys/module/kvm_amd/parameters/nested"], "1\n");
        Assert.That(MachineReport.InspectKvm(root.Path).Kind, Is.EqualTo(KvmKind.HardwareNested));
    }
}
