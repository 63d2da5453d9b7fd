using HvLab.Harness.Drivers.Qemu;
using HvLab.Harness.Lab;
using HvLab.Harness.Lab.Configuration;

namespace HvLab.Harness.Tests.Boxes;

internal sealed class AccelerationTests
{
    private static readonly MachineVirtualization Nesting = new(new HashSet<string> { "svm" }, DeviceUsable: true, "kvm_amd", Nested: true);

    [Test]
    public void Auto_takes_kvm_where_it_nests()
    {
        var choice = AccelerationChoice.Decide(Acceleration.Auto, Nesting);
        Assert.That(choice.Kvm);
        Assert.That(choice.Why, Does.Contain("kvm_amd").And.Contain("nested"));
    }

    public static IEnumerable<TestCaseData> Obstacles() =>
    [
        new(Nesting with { CpuFlags = new HashSet<string>() }, "emulator module"),
        new(Nesting with { CpuFlags = new HashSet<string>(), DeviceUsable = false }, "neither svm nor vmx"),
        new(Nesting with { Module = null }, "loaded"),
        new(Nesting with { Nested = false }, "nested=1"),
        new(Nesting with { DeviceUsable = false }, "cannot be opened"),
    ];

    [TestCaseSource(nameof(Obstacles))]
    public void Auto_takes_tcg_for_any_obstacle_and_names_it(MachineVirtualization machine, string reason)
    {
        var choice = AccelerationChoice.Decide(Acceleration.Auto, machine);
        Assert.That(choice.Kvm, Is.False);
        Assert.That(choice.Why, Does.Contain(reason));
    }

    [Test]
    public void Kvm_where_it_does_not_nest_is_a_configuration_error()
    {
        var error = Assert.Throws<LabException>(() => AccelerationChoice.Decide(Acceleration.Kvm, Nesting with { Nested = false }));
        Assert.That(error?.Reason, Is.EqualTo(LabFault.Configuration));
    }

    [Test]
    public void Flags_are_read_from_the_first_cpu() =>
        Assert.That(MachineVirtualization.Flags(["processor\t: 0", "flags\t\t: fpu svm", "flags\t\t: vmx"]), Is.EquivalentTo(["fpu", "svm"]));

    [Test]
    public void This_machine_can_be_read() => Assert.That(MachineVirtualization.Read().CpuFlags, Is.Not.Empty);
}
