using HvLab.Harness.Lab;
using HvLab.Harness.Lab.Results;
using HvLab.Harness.Provisioning.Cache;
using HvLab.Harness.Provisioning.Images;
using HvLab.Harness.Provisioning.Setup;
using HvLab.Harness.Reports.Json;
using HvLab.Harness.Tests.Reports;

namespace HvLab.Harness.Tests.Faults;

using HvLab.Harness.Tests.Images;
using Lab = HvLab.Harness.Tests.Images.Lab;

/// <summary>Disks that really are full, under the cache and under a run's results.</summary>
public sealed class FullDiskTests
{
    private static readonly RunStart Start = new(["test"], 1, ["kvm-async-pf"], 100);

    [Test]
    public async Task A_cache_entry_larger_than_the_disk_leaves_nothing_and_is_built_once_there_is_room()
    {
        await using var disk = await SmallDisk.MountAsync(4);
        var ballast = disk.Occupy(butBytes: 1 << 20);
        var cache = new ContentCache(disk.Path, Lab.Bounds, TimeProvider.System);
        Func<string, CancellationToken, Task> build = (directory, token) =>
            File.WriteAllBytesAsync(Path.Combine(directory, "file"), new byte[2 << 20], token);

        var trouble = await Assert.ThrowsAsync<LabException>(() => cache.GetOrBuildAsync("kind", "abc", build, default));
        NamesPathAndFreeSpace(trouble!, disk);
        Assert.That(Directory.GetDirectories(disk["kind"]), Is.Empty);

        File.Delete(ballast);
        var entry = await cache.GetOrBuildAsync("kind", "abc", build, default);
        Assert.That(await CacheManifest.HashesMatchAsync(entry, default));
    }

    [Test]
    public async Task Keys_that_ssh_keygen_cannot_write_are_a_full_disk_and_are_made_once_there_is_room()
    {
        await using var disk = await SmallDisk.MountAsync(1);
        var ballast = disk.Occupy(butBytes: 0);
        var cache = new ContentCache(disk.Path, Lab.Bounds, TimeProvider.System);
        var tools = new Tools(Lab.Bounds, TimeProvider.System);

        var trouble = await Assert.ThrowsAsync<LabException>(() => LabKeys.EnsureAsync(cache, tools, Lab.Progress, default));
        NamesPathAndFreeSpace(trouble!, disk);
        Assert.That(Directory.GetDirectories(disk["lab"]), Is.Empty);

        File.Delete(ballast);
        Assert.That(File.ReadAllText((await LabKeys.EnsureAsync(cache, tools, Lab.Progress, default)).ClientKey), Does.Contain("PRIVATE KEY"));
    }

    [Test]
    public async Task Resolved_packages_that_cannot_be_kept_are_a_full_disk_and_leave_no_half_of_a_record()
    {
        await using var disk = await SmallDisk.MountAsync(1);
        var ballast = disk.Occupy(butBytes: 0);
        var packages = new DebianPackages(new(Lab.Bounds, TimeProvider.System), new(disk.Path, Lab.Bounds, TimeProvider.System));
        var trouble = await Assert.ThrowsAsync<LabException>(() => packages.ResolveAsync(["busybox-static"], Lab.Progress, default));
        NamesPathAndFreeSpace(trouble!, disk);
        Assert.That(Directory.GetFiles(disk["apt"], "resolved-*"), Is.Empty);
        File.Delete(ballast);
        Assert.That(await packages.ResolveAsync(["busybox-static"], Lab.Progress, default), Is.Not.Empty);
    }

    [Test]
    public async Task An_image_whose_packages_do_not_fit_names_the_disk_and_leaves_no_half_of_one()
    {
        await using var disk = await SmallDisk.MountAsync(4);
        var trouble = await Assert.ThrowsAsync<LabException>(() =>
            new ImageBuilder(Lab.Paths with { Cache = disk.Path }, Lab.Bounds, TimeProvider.System).EnsureAsync(Lab.Kvm61, Lab.Progress, default));
        NamesPathAndFreeSpace(trouble!, disk);
        Assert.Multiple(() =>
        {
            Assert.That(Directory.GetDirectories(disk.Path, ".half-*", SearchOption.AllDirectories), Is.Empty);
            Assert.That(Directory.GetFiles(disk.Path, "*.deb", SearchOption.AllDirectories), Is.Empty);
            Assert.That(new DriveInfo(disk.Path).AvailableFreeSpace, Is.GreaterThan(3 << 20), "what was half-built is gone");
        });
    }

    [Test]
    public async Task A_run_that_fills_its_disk_keeps_every_finished_scenario_and_goes_on_once_there_is_room()
    {
        await using var disk = await SmallDisk.MountAsync(1);
        var ballast = disk.Occupy(butBytes: 256 << 10);
        using (var run = RunDirectory.Create(Start, disk.Path, TimeProvider.System, disk["run"]))
        {
            var (kept, trouble) = AddUntilFull(run, WithTrace);
            NamesPath(trouble, disk);
            Assert.That(RunDirectory.Load(run.Path).Scenarios.Select(s => s.Id), Is.EqualTo(kept));
            File.Delete(ballast);
            run.Add(WithTrace(kept.Count));
            run.Finish();
            var back = RunDirectory.Load(run.Path);
            Assert.That(back.Scenarios.Select(s => s.Id), Is.EqualTo(kept.Append(WithTrace(kept.Count).Id)));
            Assert.That(back.Scenarios[^1].Trace, Has.Count.EqualTo(1));
        }
    }

    [Test]
    public async Task A_journal_line_that_did_not_fit_does_not_spoil_the_next()
    {
        await using var disk = await SmallDisk.MountAsync(1);
        var ballast = disk.Occupy(butBytes: 128 << 10);
        using (var run = RunDirectory.Create(Start, disk.Path, new StoppedClock(), disk["run"]))
        {
            // No trace, and no time passes: nothing but the journal is written.
            var (kept, trouble) = AddUntilFull(run, WithDetail);
            NamesPath(trouble, disk);
            File.Delete(ballast);
            // Shorter than what is left of the one that did not fit.
            run.Add(SampleRuns.Succeeded(WithDetail(kept.Count).Id, "claim", []));
            Assert.That(RunDirectory.Load(run.Path).Scenarios.Select(s => s.Id), Is.EqualTo(kept.Append(WithDetail(kept.Count).Id)));
        }
    }

    [Test]
    public async Task A_run_that_could_not_begin_on_a_full_disk_begins_there_once_there_is_room()
    {
        await using var disk = await SmallDisk.MountAsync(1);
        var ballast = disk.Occupy(butBytes: 0);
        var trouble = Assert.Throws<LabException>(() => RunDirectory.Create(Start, disk.Path, TimeProvider.System, disk["run"]).Dispose());
        NamesPath(trouble!, disk);
        File.Delete(ballast);
        using (var run = RunDirectory.Create(Start, disk.Path, TimeProvider.System, disk["run"]))
            run.Finish();
        Assert.That(RunDirectory.Load(disk["run"]).Finished, Is.Not.Null);
    }

    private static (IReadOnlyList<string> Kept, LabException Trouble) AddUntilFull(RunDirectory run, Func<int, ScenarioResult> scenario)
    {
        for (var number = 0; number < 10_000; number++)
            try
            {
                run.Add(scenario(number));
            }
            catch (LabException full)
            {
                return ([.. run.Current.Scenarios.Select(s => s.Id)], full);
            }
        throw new InvalidOperationException("the disk never became full");
    }

    private static ScenarioResult WithTrace(int number) => SampleRuns.Succeeded($"kvm-async-pf/{number}", "claim", [.. SampleRuns.HeldBack().Trace.Take(1)]);

    private static ScenarioResult WithDetail(int number) => SampleRuns.Succeeded($"kvm-async-pf/{number}", "claim", []) with { Detail = new('d', 10_000) };

    private static void NamesPathAndFreeSpace(LabException trouble, SmallDisk disk)
    {
        NamesPath(trouble, disk);
        Assert.That(trouble.Message, Does.Contain("MiB are free"));
    }

    private static void NamesPath(LabException trouble, SmallDisk disk)
    {
        TestContext.Progress.WriteLine(trouble.Message);
        Assert.Multiple(() =>
        {
            Assert.That(trouble.Reason, Is.EqualTo(LabFault.DiskFull), trouble.ToString());
            Assert.That(trouble.Message, Does.Contain(disk.Path).And.Match(@"\d+ [KM]iB are free").And.Not.Contain("\n"));
        });
    }

    private sealed class StoppedClock : TimeProvider
    {
        public override long GetTimestamp() => 0;
    }
}
