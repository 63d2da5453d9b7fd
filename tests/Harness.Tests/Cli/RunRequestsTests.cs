using System.Text;
using HvLab.Harness.Cli.Commands;
using HvLab.Harness.Lab;

namespace HvLab.Harness.Tests.Cli;

public sealed class RunRequestsTests
{
    [Test]
    public void Without_options_the_defaults_of_the_lab_hold()
    {
        using var terminal = new Terminal();
        var request = RunRequests.From(new RunOptions(), terminal.Session);
        Assert.Multiple(() =>
        {
            Assert.That(request.Box.Name, Is.EqualTo("default"));
            Assert.That(request.Release.Name, Is.EqualTo("kvm-6.1"));
            Assert.That(request.Suites.Select(suite => suite.Name), Is.EqualTo(new[] { "kvm" }));
            Assert.That(request.Out, Is.Null);
        });
    }

    [Test]
    public void An_own_build_replaces_the_releases_and_its_paths_become_absolute()
    {
        using var terminal = new Terminal();
        var bzImage = new byte[0x400];
        "HdrS"u8.CopyTo(bzImage.AsSpan(0x202));
        var kernel = terminal.Write("boot/bzImage", bzImage);
        terminal.Write("out/lib/modules/6.1/kvm.ko", 1);
        var request = RunRequests.From(new RunOptions { Kernel = "boot/bzImage", Modules = "out", Out = "here" }, terminal.Session);
        Assert.Multiple(() =>
        {
            Assert.That(request.Release.Kernel, Is.EqualTo(kernel));
            Assert.That(request.Release.ModulesDirectory, Is.EqualTo(Path.Combine(terminal.Directory, "out")));
            Assert.That(request.Out, Is.EqualTo(Path.Combine(terminal.Directory, "here")));
            Assert.That(request.Command, Does.Contain(kernel), "the recorded command works from anywhere");
        });
    }

    [Test]
    public void The_recorded_command_says_the_same_again()
    {
        using var terminal = new Terminal();
        var options = new RunOptions
        {
            Suites = ["kvm", "kvm-async-pf"], Box = "default", Release = "kvm-6.1", Kernel = "/k", Modules = "/m", Filter = "*x*",
            Seed = -7, Out = "/o", Json = true, Keep = true, Set = ["bounds:boot=9s", "boxes:default:cpus=4"],
        };
        var again = RunCommand.Parse(options.ToArguments(), terminal.Session);
        Assert.That(again.ToArguments(), Is.EqualTo(options.ToArguments()));
    }

    private static readonly object[] Wrong =
    [
        new object[] { new RunOptions { Kernel = "empty" }, "neither a bzImage nor an ELF vmlinux" },
        new object[] { new RunOptions { Kernel = "modules" }, "cannot be read" },
        new object[] { new RunOptions { Kernel = "missing" }, "cannot be read" },
        new object[] { new RunOptions { Modules = "modules" }, "no .ko file lies below it" },
        new object[] { new RunOptions { Modules = "empty" }, "there is no such directory" },
        new object[] { new RunOptions { Out = "empty" }, "this is a file" },
        new object[] { new RunOptions { Out = "modules" }, "the directory holds other files" },
    ];

    [TestCaseSource(nameof(Wrong))]
    public void A_path_that_cannot_work_is_refused_before_anything_starts(RunOptions options, string expected)
    {
        using var terminal = new Terminal();
        terminal.Write("empty");
        terminal.Write("modules/readme.txt", Encoding.ASCII.GetBytes("no modules"));
        var refused = Assert.Throws<LabException>(() => RunRequests.From(options, terminal.Session));
        Assert.That(refused!.Reason, Is.EqualTo(LabFault.Configuration));
        Assert.That(refused.Message, Does.Contain(expected));
    }

    [Test]
    public void An_earlier_run_may_be_replaced()
    {
        using var terminal = new Terminal();
        terminal.Write("earlier/results.json", 1);
        Assert.That(RunRequests.From(new RunOptions { Out = "earlier" }, terminal.Session).Out, Does.EndWith("earlier"));
    }
}
