using System.CommandLine;
using HvLab.Harness.Cli;
using HvLab.Harness.Lab;

namespace HvLab.Harness.Tests.Cli;

public sealed class CommandLineTests
{
    [TestCase("frob", "'frob' is not a command")]
    [TestCase("rum", "did you mean 'run'?")]
    [TestCase("box", "Required command was not provided")]
    [TestCase("box upp", "'upp' is not a command; did you mean 'up'?")]
    [TestCase("run --kernle x", "--kernle is not an option; did you mean '--kernel'?")]
    [TestCase("run --seed soon", "--seed soon: must be a whole number.")]
    [TestCase("run --box", "Required argument missing for option: '--box'")]
    [TestCase("run --box nope", "--box nope: there is no such box")]
    [TestCase("run --release kvm-6.2", "--release kvm-6.2: there is no such release; did you mean 'kvm-6.1'?")]
    [TestCase("run kvmm", "SUITE kvmm: there is no such suite; did you mean 'kvm'?")]
    [TestCase("run --kernel nothing", "the file cannot be read")]
    [TestCase("run --modules nothing", "there is no such directory")]
    [TestCase("run --set bounds:boot=x", "--set bounds:boot=x: 'bounds:boot' is 'x'")]
    [TestCase("list --set nonsense", "--set nonsense: must be PATH=VALUE")]
    [TestCase("box status nope", "NAME nope: there is no such box")]
    [TestCase("mutants vmware", "vmware")]
    [TestCase("replay", "Required argument 'RUN' missing")]
    [TestCase("replay no-such-run x", "RUN no-such-run: there is no such directory")]
    public async Task Bad_usage_is_2_and_says_what_is_wrong(string line, string expected)
    {
        using var terminal = new Terminal();
        Assert.That(await terminal.RunAsync(line), Is.EqualTo(ExitCode.Usage));
        Assert.That(terminal.Error.ToString(), Does.Contain(expected));
        Assert.That(terminal.Output.ToString(), Is.Empty, "standard output is for results");
    }

    private static IEnumerable<string> AllCommands()
    {
        using var terminal = new Terminal();
        return Below(CommandLine.Root(terminal.Session), "");

        static IEnumerable<string> Below(Command command, string path) =>
            command.Subcommands.SelectMany(child => Below(child, $"{path} {child.Name}").Prepend($"{path} {child.Name}".Trim()));
    }

    [TestCaseSource(nameof(AllCommands))]
    public async Task Every_command_has_help(string command)
    {
        using var terminal = new Terminal();
        Assert.That(await terminal.RunAsync($"{command} --help"), Is.Zero);
        Assert.That(terminal.Output.ToString(), Does.Contain($" {command} ").And.Contain("Exit codes").And.Contain("--set"));
        if (!command.StartsWith("box ", StringComparison.Ordinal))
            Assert.That(terminal.Output.ToString(), Does.Contain("Examples:"));
    }

    [Test]
    public void Examples_of_the_help_are_lines_that_parse()
    {
        using var terminal = new Terminal();
        var root = CommandLine.Root(terminal.Session);
        foreach (var command in root.Subcommands.Prepend(root))
        {
            foreach (var example in Examples.Of(command).Where(e => e.Line.StartsWith("./hvlab", StringComparison.Ordinal)))
                Assert.That(root.Parse(example.Line.Split(' ')[1..]).Errors, Is.Empty, example.Line);
        }
    }

    [Test]
    public async Task Without_a_command_help_is_shown_and_the_code_is_2()
    {
        using var terminal = new Terminal();
        Assert.That(await terminal.RunAsync(""), Is.EqualTo(ExitCode.Usage));
        Assert.That(terminal.Output.ToString(), Does.Contain("Commands:"));
    }

    [Test]
    public async Task List_shows_suites_boxes_and_releases()
    {
        using var terminal = new Terminal();
        Assert.That(await terminal.RunAsync("list"), Is.Zero);
        Assert.That(terminal.Output.ToString(), Does.Contain("kvm-async-pf").And.Contain("default *").And.Contain("kvm-6.1 *"));
    }

    [Test]
    public async Task Doctor_names_what_it_found_and_refuses_a_bad_configuration()
    {
        using var terminal = new Terminal();
        await terminal.RunAsync("doctor");
        Assert.That(terminal.Output.ToString(), Does.Contain("Disk space").And.Contain("Boxes run by").And.Contain("to be the box").And.Contain("✓ lab-config"));
        terminal.Set("HVLAB__bounds__boot", "soon");
        Assert.That(await terminal.RunAsync("doctor"), Is.EqualTo(ExitCode.Unknown));
        Assert.That(terminal.Output.ToString(), Does.Contain("✗ lab-config").And.Contain("HVLAB__bounds__boot"));
    }
}
