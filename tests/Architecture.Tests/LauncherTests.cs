using System.Diagnostics;
using System.Runtime.Versioning;

namespace HvLab.Architecture.Tests;

/// <summary>The launcher, in a checkout of its own with a compiler that only pretends.</summary>
[SupportedOSPlatform("linux")]
public sealed class LauncherTests
{
    private string _root = "";

    [SetUp]
    public void MakeCheckout()
    {
        _root = Path.Combine(Directory.CreateTempSubdirectory("hvlab-launcher-").FullName, "a checkout");
        foreach (var folder in new[] { "Reference", "Probes", "GuestAgents", "Harness", ".ci", "bin" })
            Directory.CreateDirectory(Path.Combine(_root, folder));
        foreach (var file in new[] { "hvlab", ".ci/build-hvlab", ".ci/dotnet-check", "Directory.Build.props", "Directory.Packages.props" })
            File.Copy(Path.Combine(Repository.Root, file), Path.Combine(_root, file));
        File.WriteAllText(Path.Combine(_root, "Harness", "Program.cs"), "");
        // Counts its builds; the program it "builds" prints its arguments and ends with its first one.
        WriteScript("dotnet", """
            if [[ $1 == --version ]]; then echo "${FAKE_VERSION:-10.0.100}"; exit; fi
            while [[ $1 != -o ]]; do shift; done
            mkdir -p "$2"; echo x >>"$2/../builds"
            eval "${FAKE_BUILD:-}"
            printf '%s\n' '#!/bin/bash' 'echo "pid $$ args $*"; exit "$1"' >"$2/hvlab"; chmod +x "$2/hvlab"
            """);
    }

    [TearDown]
    public void RemoveCheckout() => Directory.Delete(Path.GetDirectoryName(_root)!, recursive: true);

    private int Builds => File.ReadLines(Path.Combine(_root, "artifacts", "hvlab", "builds")).Count();

    [Test]
    public void The_program_gets_the_arguments_the_process_and_the_last_word()
    {
        var run = Start(["7", "two words"]);
        var output = run.StandardOutput.ReadToEnd();
        run.WaitForExit();
        Assert.That(run.ExitCode, Is.EqualTo(7));
        Assert.That(output, Is.EqualTo($"pid {run.Id} args 7 two words\n"), "what the build says is not on standard output");
    }

    [Test]
    public void It_builds_once_until_a_source_changes_appears_or_goes()
    {
        Run();
        Run();
        Assert.That(Builds, Is.EqualTo(1));
        File.AppendAllText(Path.Combine(_root, "Harness", "Program.cs"), "//");
        Run();
        Assert.That(Builds, Is.EqualTo(2));
        File.Delete(Path.Combine(_root, "Harness", "Program.cs"));
        Run();
        Assert.That(Builds, Is.EqualTo(3));
    }

    [Test]
    public void An_edit_during_the_build_is_built_by_the_next_start()
    {
        Run(("FAKE_BUILD", "sleep 0.1; touch \"$2/../../../Harness/Program.cs\""));
        Run();
        Assert.That(Builds, Is.EqualTo(2));
    }

    [Test]
    public void A_failed_build_shows_its_output_and_leaves_no_stamp()
    {
        var run = Start(["0"], ("FAKE_BUILD", "echo CS1002 >&2; exit 1"));
        var error = run.StandardError.ReadToEnd();
        run.WaitForExit();
        Assert.That(run.ExitCode, Is.EqualTo(125));
        Assert.That(error, Does.Contain("CS1002").And.Contain("the build failed"));
        Run();
        Assert.That(Builds, Is.EqualTo(2));
    }

    [Test]
    public void A_killed_build_leaves_no_stamp()
    {
        var run = Start(["0"], ("FAKE_BUILD", "kill -9 $PPID; exit 1"));
        run.WaitForExit();
        Assert.That(run.ExitCode, Is.Not.Zero);
        Run();
        Assert.That(Builds, Is.EqualTo(2));
    }

    [Test]
    public void Two_starts_at_once_build_once()
    {
        var runs = Enumerable.Range(0, 4).Select(_ => Start(["0"], ("FAKE_BUILD", "sleep 0.3"))).ToArray();
        foreach (var run in runs)
        {
            run.WaitForExit();
            Assert.That(run.ExitCode, Is.Zero);
        }
        Assert.That(Builds, Is.EqualTo(1));
    }

    [Test]
    public void It_works_through_a_symbolic_link_from_anywhere()
    {
        var link = Path.Combine(Path.GetDirectoryName(_root)!, "link");
        File.CreateSymbolicLink(link, Path.Combine(_root, "hvlab"));
        var run = Start(["0"], program: link, directory: "/");
        run.WaitForExit();
        Assert.That(run.ExitCode, Is.Zero);
        Assert.That(Builds, Is.EqualTo(1));
    }

    [TestCase("8.0.404", "too old")]
    [TestCase("nonsense", "too old or incomplete")]
    public void An_SDK_that_will_not_do_is_named_with_what_to_install(string version, string expected)
    {
        var run = Start(["0"], ("FAKE_VERSION", version));
        var error = run.StandardError.ReadToEnd();
        run.WaitForExit();
        Assert.That(run.ExitCode, Is.EqualTo(125));
        Assert.That(error, Does.Contain(expected).And.Contain("Install the .NET 10 SDK"));
    }

    private void Run(params (string, string)[] environment)
    {
        var run = Start(["0"], environment);
        run.WaitForExit();
        Assert.That(run.ExitCode, Is.Zero, run.StandardError.ReadToEnd());
    }

    private Process Start(string[] arguments, params (string Name, string Value)[] environment) =>
        Start(arguments, Path.Combine(_root, "hvlab"), _root, environment);

    private Process Start(string[] arguments, string program, string directory, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = directory,
        };
        start.Environment["PATH"] = $"{Path.Combine(_root, "bin")}:{Environment.GetEnvironmentVariable("PATH")}";
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        return Process.Start(start)!;
    }

    private void WriteScript(string name, string body)
    {
        var path = Path.Combine(_root, "bin", name);
        File.WriteAllText(path, $"#!/usr/bin/env bash\nset -eu\n{body}\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
