using HvLab.Harness.Lab;
using HvLab.Harness.Lab.Configuration;

namespace HvLab.Harness.Tests.Configuration;

public sealed class LabConfigLoaderTests
{
    [Test]
    public void The_repositorys_own_lab_config_loads()
    {
        using var directory = new LabDirectory();
        var lab = directory.Load();
        Assert.Multiple(() =>
        {
            Assert.That(lab.Boxes[lab.Defaults.Box].Type, Is.EqualTo("qemu"));
            Assert.That(lab.Releases[lab.Defaults.Release].Modules, Does.Contain("kvm"));
            Assert.That(lab.Suites.Keys, Is.SupersetOf(new[] { "kvm", "kvm-async-pf", "kvm-async-pf-quick", "xen", "xen-ioreq", "xen-paging", "xen-sharing" }));
            Assert.That(lab.KnownDeviations, Is.Not.Empty);
            Assert.That(lab.Bounds, Is.EqualTo(new Bounds()), "bounds.json spells out the defaults");
        });
    }

    [Test]
    public void The_environment_beats_the_files_and_an_option_beats_the_environment()
    {
        using var directory = new LabDirectory();
        var environment = new Dictionary<string, string>
        {
            ["HVLAB__bounds__boot"] = "90s",
            ["HVLAB__bounds__restore"] = "1.5s",
            ["HVLAB__boxes__default__accel"] = "tcg",
            ["HVLAB_CACHE"] = "/elsewhere",
        };
        var lab = directory.Load(environment, "bounds:boot=250ms", "defaults:suites:0=kvm-async-pf");
        Assert.Multiple(() =>
        {
            Assert.That(lab.Bounds.Boot, Is.EqualTo(TimeSpan.FromMilliseconds(250)));
            Assert.That(lab.Bounds.Restore, Is.EqualTo(TimeSpan.FromSeconds(1.5)));
            Assert.That(lab.Boxes["default"].Accel, Is.EqualTo(Acceleration.Tcg));
            Assert.That(lab.Defaults.Suites, Is.EqualTo(new[] { "kvm-async-pf", "xen" }));
        });
    }

    [Test]
    public void A_box_has_the_labs_bounds_but_for_its_own()
    {
        using var directory = new LabDirectory();
        var lab = directory.Load(null, "bounds:sshAttempts=3", "bounds:boot=7s", "boxes:bochs-ept:bounds:scenario=33m");
        Assert.Multiple(() =>
        {
            Assert.That(lab.Boxes["default"].Bounds, Is.EqualTo(lab.Bounds));
            Assert.That(lab.Boxes["bochs-ept"].Bounds.SshAttempts, Is.EqualTo(3), "the lab's");
            Assert.That(lab.Boxes["bochs-ept"].Bounds.Boot, Is.GreaterThan(lab.Bounds.Boot), "its own goes before the lab's");
            Assert.That(lab.Boxes["bochs-ept"].Bounds.Scenario, Is.EqualTo(TimeSpan.FromMinutes(33)));
        });
    }

    [Test]
    public void A_Bochs_box_has_one_CPU()
    {
        using var directory = new LabDirectory();
        Assert.That(() => directory.Load(null, "boxes:bochs-ept:cpus=2"),
            Throws.TypeOf<LabException>().With.Message.Contains("'boxes:bochs-ept:cpus' is '2', but must be a whole number from 1 to 1"));
    }

    [Test]
    public void A_suites_box_must_exist()
    {
        using var directory = new LabDirectory();
        Assert.That(() => directory.Load(null, "suites:xen-ept:box=bochs-etp"),
            Throws.TypeOf<LabException>().With.Message.Contains("'suites:xen-ept:box' is 'bochs-etp'").And.Message.Contains("did you mean 'bochs-ept'"));
    }

    // file, text to find, replacement, what the message must say
    [TestCase("bounds.json", "\"120s\"", "\"soon\"", "bounds.json: 'bounds:boot' is 'soon', but must be a duration such as '250ms'")]
    [TestCase("bounds.json", "\"120s\"", "\"0s\"", "'bounds:boot' is '0s', but must be a duration")]
    [TestCase("bounds.json", "\"120s\"", "\"-5s\"", "'bounds:boot' is '-5s', but must be a duration")]
    [TestCase("bounds.json", "\"120s\"", "\"25h\"", "at most 24h")]
    [TestCase("bounds.json", "\"120s\"", "120", "'bounds:boot' is '120', but must be a duration")]
    [TestCase("bounds.json", "\"120s\"", "{}", "'bounds:boot' must be a single value: not null")]
    [TestCase("bounds.json", "\"120s\"", "null", "'bounds:boot' must be a single value: not null")]
    [TestCase("suites.json", "\"suites\":", "\"$comment\":", "suites.json: 'suites' is missing")]
    [TestCase("bounds.json", "\"120s\"", "[\"1s\"]", "'bounds:boot' must be a single value")]
    [TestCase("bounds.json", "\"boot\"", "\"bot\"", "'bounds:bot' is not a known key; did you mean 'boot'?")]
    [TestCase("bounds.json", "\"bounds\":", "\"bounce\":", "bounds.json: 'bounce' is not a known key; this file holds only 'bounds'")]
    [TestCase("bounds.json", "8,", "1.5,", "'bounds:sshAttempts' is '1.5', but must be a whole number from 1 to 100")]
    [TestCase("bounds.json", "8,", "0,", "'bounds:sshAttempts' is '0', but must be a whole number from 1 to 100")]
    [TestCase("bounds.json", "\"120s\",", "\"120s\"", "bounds.json: line 5, column 5: this is not valid JSON")]
    [TestCase("bounds.json", "\"restore\"", "\"boot\"", "bounds.json: A duplicate key 'bounds:boot' was found")]
    [TestCase("boxes.json", "\"qemu\"", "\"virtualbox\"", "boxes.json: 'boxes:default:type' is 'virtualbox', but must be one of 'qemu', 'bochs'")]
    [TestCase("boxes.json", "\"type\": \"qemu\",", "", "boxes.json: 'boxes:default:type' is missing; it must be one of 'qemu', 'bochs'")]
    [TestCase("boxes.json", "\"auto\"", "\"fast\"", "'boxes:default:accel' is 'fast', but must be one of 'auto', 'tcg', 'kvm'")]
    [TestCase("boxes.json", "\"memoryMiB\": 1024", "\"memoryMiB\": 1", "must be a whole number from 256 to 1048576")]
    [TestCase("boxes.json", "\"memoryMiB\": 1024", "\"snapshots\": \"maybe\"", "'boxes:default:snapshots' is 'maybe', but must be true or false")]
    [TestCase("boxes.json", "\"memoryMiB\": 1024", "\"memory\": 1024", "'boxes:default:memory' is not a known key")]
    [TestCase("boxes.json", "\"default\"", "\"Default Box\"", "'boxes:Default Box' must be a name of lower-case letters")]
    [TestCase("boxes.json", "\"default\"", "\"other\"", "'defaults:box' is 'default', but must be the name of a box in boxes.json")]
    [TestCase("releases.json", "\"kvm-6.1\"", "\"kvm-6.2\"", "defaults.json: 'defaults:release' is 'kvm-6.1', but must be the name of a release in releases.json; did you mean 'kvm-6.2'?")]
    [TestCase("releases.json", "\"hypervisor\": \"kvm\"", "\"hypervisor\": \"hyperv\"", "'releases:kvm-6.1:hypervisor' is 'hyperv', but must be one of 'kvm', 'xen'")]
    [TestCase("releases.json", "\"linux-image-amd64\"", "\"\"", "'releases:kvm-6.1:kernelPackage' is missing; it must be a text that is not empty")]
    [TestCase("releases.json", "\"description\":", "\"kernel\": \"boot/bzImage\", \"description\":", "'releases:kvm-6.1:kernel' is 'boot/bzImage', but must be an absolute path")]
    [TestCase("releases.json", "[\"virtio_pci\"", "[\"\"", "'releases:kvm-6.1:modules:0'")]
    [TestCase("suites.json", "[\"kvm-*\"]", "[]", "'suites:kvm:scenarios' must be a list of at least 1")]
    [TestCase("suites.json", "[\"kvm-*\"]", "\"kvm-*\"", "'suites:kvm:scenarios' is 'kvm-*', but must be a list of texts")]
    [TestCase("suites.json", "\"kvm\":", "\"kvn\":", "'defaults:suites:0' is 'kvm', but must be the name of a suite in suites.json; did you mean 'kvn'?")]
    [TestCase("defaults.json", "\"box\": \"default\",", "", "defaults.json: 'defaults:box' is missing")]
    [TestCase("known-deviations.json", "\"knownDeviations\": [", "\"knownDeviations\": [{\"scenario\": \"*\", \"releases\": [\"kvm-9\"], \"reason\": \"r\", \"reference\": \"f\"},", "known-deviations.json: 'knownDeviations:0:releases:0' is 'kvm-9', but must be the name of a release")]
    [TestCase("known-deviations.json", "\"knownDeviations\": [", "\"knownDeviations\": [{\"scenario\": \"*\", \"releases\": [\"kvm-6.1\"], \"reason\": \"r\"},", "'knownDeviations:0:reference' is missing")]
    public void A_fault_in_a_file_is_named_with_what_is_allowed(string file, string find, string replacement, string expected)
    {
        using var directory = new LabDirectory();
        var text = File.ReadAllText(Path.Combine(directory.Path, file));
        Assert.That(text, Does.Contain(find), "the table is out of date");
        var at = text.IndexOf(find, StringComparison.Ordinal);
        directory.Write(file, text[..at] + replacement + text[(at + find.Length)..]);
        var failure = Assert.Throws<LabException>(() => directory.Load());
        Assert.That(failure!.Reason, Is.EqualTo(LabFault.Configuration));
        Assert.That(failure.Message, Does.Contain(expected));
    }

    [TestCase("bounds:boot", "--set bounds:boot: must be PATH=VALUE")]
    [TestCase("bounds:boot=now", "--set bounds:boot=now: 'bounds:boot' is 'now', but must be a duration")]
    [TestCase("bounds:boott=9s", "--set bounds:boott=9s: 'bounds:boott' is not a known key; did you mean 'boot'?")]
    [TestCase("bound:boot=9s", "--set bound:boot=9s: 'bound' is not a known key; did you mean 'bounds'?")]
    [TestCase("boxes:second:cpus=4", "--set boxes:second:cpus=4: 'boxes:second:type' is missing")]
    public void A_fault_in_an_option_names_the_option(string option, string expected)
    {
        using var directory = new LabDirectory();
        var failure = Assert.Throws<LabException>(() => directory.Load(null, option));
        Assert.That(failure!.Message, Does.Contain(expected));
    }

    [Test]
    public void A_fault_in_the_environment_names_the_variable()
    {
        using var directory = new LabDirectory();
        var failure = Assert.Throws<LabException>(() =>
            directory.Load(new Dictionary<string, string> { ["HVLAB__boxes__default__cpus"] = "many" }));
        Assert.That(failure!.Message, Does.Contain(
            "environment variable HVLAB__boxes__default__cpus: 'boxes:default:cpus' is 'many', but must be a whole number from 1 to 64"));
    }

    [Test]
    public void All_problems_of_a_load_are_told_together()
    {
        using var directory = new LabDirectory();
        directory.Write("suites.json", "{");
        File.Delete(Path.Combine(directory.Path, "releases.json"));
        var failure = Assert.Throws<LabException>(() => directory.Load(null, "bounds:boot=x", "boxes:default:cpus=0"));
        Assert.Multiple(() =>
        {
            Assert.That(failure!.Message, Does.Contain("has 4 problems"));
            Assert.That(failure.Message, Does.Contain("suites.json: line 1, column 2"));
            Assert.That(failure.Message, Does.Contain("releases.json: cannot be read"));
            Assert.That(failure.Message, Does.Contain("bounds:boot"));
            Assert.That(failure.Message, Does.Contain("boxes:default:cpus"));
        });
    }
}
