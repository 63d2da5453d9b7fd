using HvLab.Harness.Lab.Configuration;

namespace HvLab.Harness.Tests.Configuration;

public sealed class NamePatternTests
{
    [TestCase("kvm-*", "kvm-async-pf/wake", true)]
    [TestCase("kvm-async-pf/*", "kvm-async-pf/", true)]
    [TestCase("*", "", true)]
    [TestCase("*ready*pf*", "a-ready-b-pf", true)]
    [TestCase("a*a", "a", false)]
    [TestCase("a*b*b", "ab", false)]
    [TestCase("kvm", "kvm-async-pf/wake", false)]
    [TestCase("kvm", "kvm", true)]
    [TestCase("KVM-*", "kvm-x", false)]
    public void A_star_stands_for_any_run_of_characters(string pattern, string name, bool matches) =>
        Assert.That(NamePattern.Matches(pattern, name), Is.EqualTo(matches));

    [TestCase("boott", "boot")]
    [TestCase("SSHCONNECT", "sshConnect")]
    [TestCase("zzzzzz", null)]
    public void The_nearest_known_name_is_found_or_none(string name, string? expected) =>
        Assert.That(Nearest.To(name, ["boot", "restore", "sshConnect"]), Is.EqualTo(expected));
}
