using System.Runtime.InteropServices;

namespace HvLab.Lab.Tests.Faults;

/// <summary>Ended from outside, at moments all over a run: nothing goes on, and the next run works.</summary>
[Category("Lab")]
[NonParallelizable]
internal sealed class InterruptionTests
{
    private const string Run = "run kvm-async-pf --filter *ready* --repeat 3";

    [TestCase("box: Off", PosixSignal.SIGINT)]
    [TestCase("box: ProbeReady", PosixSignal.SIGTERM)]
    [TestCase("  scenarios", PosixSignal.SIGINT)]
    public async Task A_first_signal_ends_the_run_in_order(string moment, PosixSignal signal)
    {
        using var run = new HvLabProcess(Run);
        await run.WaitForAsync(moment);
        run.Signal(signal);
        Assert.That(await run.EndAsync(), Is.EqualTo(130));
        Assert.That(run.Said, Does.Contain("Stopping and cleaning up"));
        Assert.That(run.Results.Trouble, Is.EqualTo("The run was interrupted."));
        Assert.That(File.ReadAllText(Path.Combine(run.Out, "report.html")), Does.Contain("The run was interrupted."));
        await run.AssertNothingRunsAsync();
    }

    [Test]
    public async Task A_second_signal_ends_it_at_once()
    {
        using var run = new HvLabProcess(Run);
        await run.WaitForAsync("  scenarios");
        // An emulator that stands still cannot be asked to quit, so there is something that takes its time.
        HvLabProcess.Signal(await run.QemuAsync(), 19);
        run.Signal(PosixSignal.SIGINT);
        await run.WaitForAsync("Stopping and cleaning up");
        run.Signal(PosixSignal.SIGINT);
        Assert.That(await run.EndAsync(), Is.EqualTo(130));
        Assert.That(run.Results.Finished, Is.Null, "readable, and known not to be whole");
        await run.AssertNothingRunsAsync();
    }

    [Test]
    public async Task Kill_9_in_any_phase_of_a_run_leaves_nothing_and_the_next_one_works()
    {
        foreach (var moment in new[] { "set-up", "box: Off", "box: Restoring", "probe start", "  scenarios", "power off" })
        {
            using var run = new HvLabProcess(Run);
            await run.WaitForAsync(moment);
            run.Kill();
            await run.EndAsync();
            await run.AssertNothingRunsAsync();
            Assert.That(run.Results.Planned, Is.GreaterThan(0), $"readable after a kill at '{moment}'");
        }
        await SucceedAsync(null);
    }

    [Test]
    public async Task Kill_9_in_any_phase_of_the_first_run_leaves_nothing_and_the_next_one_works()
    {
        var cache = Directory.CreateTempSubdirectory("hvlab-faults-cache-").FullName;
        try
        {
            foreach (var moment in new[] { "keys", "building the probe", "downloading", "building the root image", "unpacking the kernel", "box: Booting", "box: SavingSnapshot", "box: VerifyingSnapshot" })
            {
                using var run = new HvLabProcess(Run, cache);
                await run.WaitForAsync(moment);
                run.Kill();
                await run.EndAsync();
                await run.AssertNothingRunsAsync();
            }
            await SucceedAsync(cache);
            Assert.That(Directory.GetDirectories(cache, ".half-*", SearchOption.AllDirectories), Is.Empty);
            Assert.That(Directory.GetDirectories(Path.Combine(cache, "snapshots"), ".staging-*"), Is.Empty);
        }
        finally
        {
            Directory.Delete(cache, recursive: true);
        }
    }

    [Test]
    public async Task A_kept_box_whose_harness_is_killed_while_it_boots_is_found_and_taken_down()
    {
        using var run = new HvLabProcess("run kvm --keep --set boxes:default:snapshots=false");
        var qemu = await run.QemuAsync();
        var record = Path.Combine(run.Cache, "boxes", "default", "box.json");
        await run.UntilAsync(() => File.Exists(record), "the record of the box");
        Assert.That(run.Said, Does.Not.Contain("ProbeReady"), "it is known before it has booted");
        run.Kill();
        await run.EndAsync();
        Assert.That(Harness.Drivers.Processes.ProcessIdentity.Of(qemu), Is.Not.Null, "kept is kept");
        using var down = new HvLabProcess("box down");
        Assert.That(await down.EndAsync(), Is.Zero);
        await run.AssertNothingRunsAsync();
    }

    private static async Task SucceedAsync(string? cache)
    {
        using var next = new HvLabProcess(Run, cache);
        Assert.That(await next.EndAsync(), Is.Zero);
        await next.AssertNothingRunsAsync();
    }
}
