using HvLab.Harness.Lab.Results;

namespace HvLab.Lab.Tests.Faults;

/// <summary>A box that never gets ready. Whose kernel it is decides whose fault it is.</summary>
[Category("Lab")]
[NonParallelizable]
internal sealed class BootFaultTests
{
    private const string Panics = "releases:kvm-6.1:kernelCommandLine=console=ttyS0~panic=-1~rdinit=/nothing~root=/dev/nothing";
    /// <summary>An init that says nothing and waits for ever.</summary>
    private const string Hangs = "releases:kvm-6.1:kernelCommandLine=console=ttyS0~panic=-1~rdinit=/bin/cat";

    [TestCase(false, Verdict.Error, 125)]
    [TestCase(true, Verdict.Failure, 1)]
    public async Task A_kernel_that_panics_is_quoted(bool own, Verdict verdict, int code)
    {
        using var run = new HvLabProcess($"run kvm --set {Panics}{Own(own)}");
        Assert.That(await run.EndAsync(), Is.EqualTo(code));
        var boots = run.Results.Scenarios.Single();
        Assert.That(boots, Has.Property("Id").EqualTo("box/boots").And.Property("Verdict").EqualTo(verdict));
        Assert.That(boots.Detail, Does.Contain("Kernel panic - not syncing"));
        Assert.That(run.Results.Trouble, Does.Contain("kernel panic on the console"));
        Assert.That(File.ReadAllText(Path.Combine(run.Out, "report.html")), Does.Contain("Kernel panic - not syncing"));
        await run.AssertNothingRunsAsync();
    }

    [TestCase(false, Verdict.Error, 125)]
    [TestCase(true, Verdict.Failure, 1)]
    public async Task A_kernel_that_hangs_is_given_up_within_the_bound(bool own, Verdict verdict, int code)
    {
        using var run = new HvLabProcess($"run kvm --set {Hangs} --set bounds:boot=5s{Own(own)}");
        Assert.That(await run.EndAsync(), Is.EqualTo(code));
        Assert.That(run.Results.Scenarios.Single().Verdict, Is.EqualTo(verdict));
        Assert.That(run.Results.Trouble, Does.Contain("within 5 s"));
        await run.AssertNothingRunsAsync();
    }

    /// <summary>The package's own kernel, as if a developer had built it.</summary>
    private static string Own(bool own) =>
        own ? " --kernel " + Directory.GetFiles(Path.Combine(Harness.Lab.HvLabPaths.Find(Environment.GetEnvironmentVariable).Cache, "kernel"), "vmlinux", SearchOption.AllDirectories)[0] : "";

}
