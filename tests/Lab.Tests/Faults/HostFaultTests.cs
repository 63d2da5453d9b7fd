using HvLab.Harness.Lab.Results;

namespace HvLab.Lab.Tests.Faults;

/// <summary>
/// Trouble with the host while scenarios run, made by a second connection or a signal. Enough rounds that it comes in the
/// middle, whatever the machine's speed; the worst answer of each scenario is what the run tells.
/// </summary>
[Category("Lab")]
[NonParallelizable]
internal sealed class HostFaultTests
{
    private const string Run = "run kvm-async-pf --filter *ready* --repeat 10 --set bounds:probeSilence=4s --set bounds:powerOff=2s";

    [Test]
    public async Task A_crash_of_the_host_is_a_Failure_with_its_log_and_the_others_still_run()
    {
        using var run = new HvLabProcess(Run);
        await run.WhileDrivingAsync("echo c > /proc/sysrq-trigger");
        Assert.That(await run.EndAsync(), Is.EqualTo(1));
        var victim = OnlyVictim(run, Verdict.Failure);
        Assert.That(victim.Detail, Does.Contain("kernel panic").And.Contain("sysrq triggered crash"));
        Assert.That(run.Said, Does.Contain("power cycle"));
        Assert.That(File.ReadAllText(Path.Combine(run.Out, "console.log")), Does.Contain("sysrq triggered crash"));
        await run.AssertNothingRunsAsync();
    }

    [Test]
    public async Task A_killed_probe_is_an_Error_of_its_scenario_and_the_others_still_run()
    {
        using var run = new HvLabProcess(Run);
        await run.WhileDrivingAsync("killall -9 hvlab-probe");
        Assert.That(await run.EndAsync(), Is.EqualTo(125));
        Assert.That(OnlyVictim(run, Verdict.Error).Detail, Does.Contain("The probe was ended by a signal"));
        await run.AssertNothingRunsAsync();
    }

    [Test]
    public async Task A_probe_that_hangs_is_an_Error_of_its_scenario_and_the_others_still_run()
    {
        using var run = new HvLabProcess(Run);
        await run.WhileDrivingAsync("killall -STOP hvlab-probe");
        Assert.That(await run.EndAsync(), Is.EqualTo(125));
        Assert.That(OnlyVictim(run, Verdict.Error).Detail, Does.Contain("said nothing for 4 s (bounds:probeSilence)"));
        await run.AssertNothingRunsAsync();
    }

    [Test]
    public async Task A_killed_ssh_client_is_an_Error_of_its_scenario_and_the_others_still_run()
    {
        using var run = new HvLabProcess(Run);
        await run.WaitForAsync("  scenarios");
        HvLabProcess.Signal(await run.SshAsync(), 9);
        Assert.That(await run.EndAsync(), Is.EqualTo(125));
        Assert.That(OnlyVictim(run, Verdict.Error).Detail, Does.Contain("signal 9"));
        await run.AssertNothingRunsAsync();
    }

    [Test]
    public async Task A_killed_emulator_is_the_labs_Error_and_not_the_hypervisors_Failure()
    {
        using var run = new HvLabProcess(Run);
        var qemu = await run.QemuAsync();
        await run.WaitForAsync("  scenarios");
        HvLabProcess.Signal(qemu, 9);
        Assert.That(await run.EndAsync(), Is.EqualTo(125));
        Assert.That(OnlyVictim(run, Verdict.Error).Detail, Does.Contain("ended with exit code 137"));
        await run.AssertNothingRunsAsync();
    }

    [Test]
    public async Task An_emulator_that_stands_still_is_an_Error_of_its_scenario_and_the_others_still_run()
    {
        using var run = new HvLabProcess(Run);
        var qemu = await run.QemuAsync();
        await run.WaitForAsync("  scenarios");
        HvLabProcess.Signal(qemu, 19);
        Assert.That(await run.EndAsync(), Is.EqualTo(125));
        Assert.That(OnlyVictim(run, Verdict.Error).Detail, Does.Contain("said nothing").Or.Contain("broke while a command ran"));
        await run.AssertNothingRunsAsync();
    }

    /// <summary>One scenario met the trouble; every other one was answered, by a Success.</summary>
    private static ScenarioResult OnlyVictim(HvLabProcess run, Verdict verdict)
    {
        var results = run.Results;
        Assert.That(results.Trouble, Is.Null);
        Assert.That(results.Finished, Is.Not.Null);
        Assert.That(results.Planned, Is.GreaterThan(2));
        Assert.That(results.Scenarios, Has.Count.EqualTo(results.Planned));
        // A known deviation is a Failure that lab-config expects.
        var victims = results.Scenarios.Where(scenario => scenario is { Verdict: not Verdict.Success, KnownDeviation: null }).ToList();
        Assert.That(victims, Has.Count.EqualTo(1).And.All.Property("Verdict").EqualTo(verdict));
        Assert.That(File.ReadAllText(Path.Combine(run.Out, "report.html")), Does.Contain("</html>"));
        Assert.That(File.Exists(Path.Combine(run.Out, "junit.xml")));
        return victims[0];
    }
}
