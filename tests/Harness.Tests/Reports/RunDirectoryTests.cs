using System.Text.Json.Nodes;
using HvLab.Harness.Lab;
using HvLab.Harness.Lab.Results;
using HvLab.Harness.Reports;
using HvLab.Harness.Reports.Json;

namespace HvLab.Harness.Tests.Reports;

/// <summary>The run directory as other tools read it, and as a kill leaves it.</summary>
[TestFixture]
internal sealed class RunDirectoryTests
{
    private string root = null!;
    private ManualClock clock = null!;

    [SetUp]
    public void MakeRoot()
    {
        root = Directory.CreateTempSubdirectory("hvlab-runs-").FullName;
        clock = new();
    }

    [TearDown]
    public void RemoveRoot() => Directory.Delete(root, recursive: true);

    [Test]
    public void Shape_of_results_json_is_the_golden_one()
    {
        using var run = Recorded(SampleRuns.Mixed());
        var json = JsonNode.Parse(File.ReadAllBytes(run.ResultsFile))!.AsObject();
        Assert.That(Names(json), Is.EqualTo(new[]
        {
            "id", "started", "finished", "command", "seed", "suites", "planned", "trouble", "troubleEvidence", "phases", "host", "hosts", "scenarios",
        }));
        var scenarios = json["scenarios"]!.AsArray();
        Assert.That(scenarios, Has.Count.EqualTo(11));
        foreach (var scenario in scenarios)
        {
            Assert.That(Names(scenario), Is.EqualTo(new[]
            {
                "id", "subsystem", "claim", "verdict", "knownDeviation", "deviationGone", "durationMs", "detail", "divergence", "trace", "traceFile", "host",
            }));
            Assert.That(Names(scenario!["host"]), Is.EqualTo(new[]
            {
                "box", "release", "kernel", "kernelVersion", "cpuVendor", "cpuModel", "cpus", "platform", "nestedPaging", "kvmModule", "xen",
                "labPatched", "capabilities", "artifacts",
            }));
        }
        Assert.That(scenarios.Select(s => (string?)s!["verdict"]).Distinct(), Is.EquivalentTo(new[] { "Success", "Skip", "Error", "Failure" }));
        Assert.That(Names(scenarios[2]!["divergence"]), Is.EqualTo(new[] { "step", "operation", "seen", "allowed", "rules" }));
        Assert.That(Names(scenarios[2]!["trace"]![0]), Is.EqualTo(new[] { "atMicros", "tookMicros", "actor", "vcpu", "operation", "witness", "seen" }));
        Assert.That((string?)scenarios[2]!["trace"]![0]!["actor"], Is.EqualTo("Guest"));
        Assert.That(Names(json["phases"]![0]), Is.EqualTo(new[] { "phase", "atMs", "tookMs" }));
    }

    [Test]
    public void Json_for_standard_output_has_the_same_shape_as_the_file()
    {
        using var run = Recorded(SampleRuns.Mixed());
        var printed = JsonNode.Parse(ResultsJson.Of(run.Current))!.AsObject();
        var kept = JsonNode.Parse(File.ReadAllBytes(run.ResultsFile))!.AsObject();
        foreach (var scenario in kept["scenarios"]!.AsArray())
            scenario!["traceFile"] = null;
        Assert.That(JsonNode.DeepEquals(printed, kept));
    }

    [Test]
    public void Trace_in_results_json_ends_at_the_divergence_and_its_file_holds_all()
    {
        var scenario = SampleRuns.HeldBack();
        scenario = scenario with { Divergence = scenario.Divergence! with { Step = 4 } };
        using var run = Recorded(SampleRuns.Run(scenario));
        var kept = JsonNode.Parse(File.ReadAllBytes(run.ResultsFile))!["scenarios"]![0]!;
        Assert.That(kept["trace"]!.AsArray(), Has.Count.EqualTo(5));
        Assert.That((string?)kept["traceFile"], Is.EqualTo("traces/kvm-async-pf.second-ready-held-back.json"));
        var file = JsonNode.Parse(File.ReadAllBytes(Path.Combine(run.Path, (string)kept["traceFile"]!)))!;
        Assert.That(file["steps"]!.AsArray(), Has.Count.EqualTo(9));
    }

    [Test]
    public void Loading_gives_back_what_was_recorded()
    {
        var sample = SampleRuns.Mixed();
        using var run = Recorded(sample);
        Assert.That(Text(RunDirectory.Load(run.Path)), Is.EqualTo(Text(run.Current)));
        Assert.That(Text(run.Current with { Id = sample.Id, Started = sample.Started, Finished = sample.Finished }), Is.EqualTo(Text(sample)));
    }

    [Test]
    public void Journal_cut_at_every_byte_of_its_last_line_still_loads()
    {
        var sample = SampleRuns.Run(SampleRuns.HeldBack(), SampleRuns.HeldBack() with { Id = "kvm-async-pf/last", Claim = "é 😀 \u001b[31m" });
        var (directory, journal) = Killed(sample, writtenBeforeRewrite: 0);
        var last = journal.AsSpan(0, journal.Length - 1).LastIndexOf((byte)'\n') + 1;
        for (var length = last; length <= journal.Length; length++)
        {
            File.WriteAllBytes(Path.Combine(directory, RunDirectory.JournalName), journal[..length]);
            var whole = length >= journal.Length - 1;
            Assert.That(RunDirectory.Load(directory).Scenarios, Has.Count.EqualTo(whole ? 2 : 1), $"cut at byte {length} of {journal.Length}");
        }
    }

    [TestCase(0)]
    [TestCase(1)]
    [TestCase(10)]
    public void Killed_run_loses_no_finished_scenario_whenever_results_json_was_last_written(int written)
    {
        var sample = SampleRuns.Mixed();
        var (directory, _) = Killed(sample, written);
        var loaded = RunDirectory.Load(directory);
        Assert.That(loaded.Finished, Is.Null);
        Assert.That(Text(loaded with { Scenarios = [] }), Does.Contain("\"planned\":11"));
        Assert.That(loaded.Scenarios.Select(s => s.Id), Is.EqualTo(sample.Scenarios.Select(s => s.Id)));
        Assert.That(loaded.Scenarios.Select(s => s.Trace.Count), Is.EqualTo(sample.Scenarios.Select(s => s.Trace.Count)));
    }

    [Test]
    public void Killed_run_can_be_reported()
    {
        var (directory, _) = Killed(SampleRuns.Mixed(), writtenBeforeRewrite: 4);
        RunReports.Rebuild(directory);
        Assert.That(File.ReadAllText(Path.Combine(directory, RunDirectory.HtmlName)), Does.Contain("not finished"));
        Assert.That(File.ReadAllText(Path.Combine(directory, RunDirectory.JUnitName)), Does.Contain("has not finished, or was killed"));
    }

    [Test]
    public void Damage_in_the_middle_is_told_with_file_and_line()
    {
        var (directory, journal) = Killed(SampleRuns.Mixed(), writtenBeforeRewrite: 0);
        journal[5] = (byte)'}';
        File.WriteAllBytes(Path.Combine(directory, RunDirectory.JournalName), journal);
        Assert.That(() => RunDirectory.Load(directory),
            Throws.TypeOf<LabException>().With.Message.Contains("journal.jsonl, line 1").And.Message.Contains("run the suite again"));
    }

    [TestCase("")]
    [TestCase("null")]
    [TestCase("[]")]
    [TestCase("{\"id\":1}")]
    [TestCase("{\"id\":\"x\",\"scenarios\":null}")]
    [TestCase("\u0000\u0001")]
    public void Malformed_results_json_is_told_as_such(string text)
    {
        File.WriteAllText(Path.Combine(root, RunDirectory.ResultsName), text);
        Assert.That(() => RunDirectory.Load(root), Throws.TypeOf<LabException>().With.Message.Contains(RunDirectory.ResultsName));
    }

    [Test]
    public void Directory_without_a_run_is_told_as_such() => Assert.That(
        () => RunDirectory.Load(root), Throws.TypeOf<LabException>().With.Message.Contains("holds no run"));

    [Test]
    public void Trace_file_of_a_foreign_results_json_is_not_read_from_outside_its_directory()
    {
        using (var run = Recorded(SampleRuns.Run(SampleRuns.HeldBack())))
            root = Path.GetDirectoryName(run.Path)!;
        var directory = Directory.GetDirectories(root)[0];
        File.WriteAllText(Path.Combine(root, "secret.json"), "{\"id\":\"x\",\"steps\":[]}");
        var results = Path.Combine(directory, RunDirectory.ResultsName);
        File.WriteAllText(results, File.ReadAllText(results).Replace(
            "traces/kvm-async-pf.second-ready-held-back.json", "../secret.json", StringComparison.Ordinal));
        Assert.That(RunDirectory.Load(directory).Scenarios[0].Trace, Has.Count.EqualTo(9));
    }

    [Test]
    public void Id_is_the_utc_time_the_suite_and_four_hex_digits()
    {
        Assert.That(RunNames.NewId(["kvm-async-pf"], clock), Does.Match("^20260301-093005-kvm-async-pf-[0-9a-f]{4}$"));
        Assert.That(RunNames.NewId(["../x y"], clock), Does.Match("^20260301-093005-_x_y-[0-9a-f]{4}$"));
        Assert.That(RunNames.FileName("../../etc/pass wd\0"), Is.EqualTo("_etc.pass_wd_").Or.EqualTo("etc.pass_wd_"));
    }

    [Test]
    public void Out_directory_may_be_new_empty_or_hold_an_earlier_run_but_nothing_else()
    {
        var start = new RunStart(["hvlab"], 1, ["kvm"], 2);
        var path = Path.Combine(root, "out");
        using (var first = RunDirectory.Create(start, "unused", clock, path))
        {
            first.Add(SampleRuns.HeldBack());
            Assert.That(() => RunDirectory.Create(start, "unused", clock, path),
                Throws.TypeOf<LabException>().With.Message.Contains("Another run is writing"));
        }
        using (var second = RunDirectory.Create(start, "unused", clock, path))
            Assert.That(second.Path, Is.EqualTo(path));
        Assert.That(RunDirectory.Load(path).Scenarios, Is.Empty);
        Assert.That(Directory.GetFiles(Path.Combine(path, "traces")), Is.Empty);

        File.WriteAllText(Path.Combine(root, "thesis.tex"), "");
        Assert.That(() => RunDirectory.Create(start, "unused", clock, root),
            Throws.TypeOf<LabException>().With.Message.Contains("no run of HvLab"));
    }

    [Test]
    public void Full_disk_is_told_as_such_and_what_was_written_stays_readable()
    {
        using var run = RunDirectory.Create(new(["hvlab"], 1, ["kvm"], 2), root, clock);
        run.Add(SampleRuns.HeldBack());
        // /dev/full answers every write with ENOSPC; the temporary file of the next rewrite is led there.
        File.CreateSymbolicLink($"{run.ResultsFile}.tmp", "/dev/full");
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.That(() => run.Add(SampleRuns.HeldBack()),
            Throws.TypeOf<LabException>().With.Property(nameof(LabException.Reason)).EqualTo(LabFault.DiskFull));
        Assert.That(RunDirectory.Load(run.Path).Scenarios, Has.Count.EqualTo(2));
        File.Delete($"{run.ResultsFile}.tmp");
    }

    [Test]
    public void Results_json_is_rewritten_at_most_every_200_ms()
    {
        using var run = RunDirectory.Create(new(["hvlab"], 1, ["kvm"], 100), root, clock);
        int Written() => JsonNode.Parse(File.ReadAllBytes(run.ResultsFile))!["scenarios"]!.AsArray().Count;
        for (var i = 0; i < 5; i++)
        {
            clock.Advance(TimeSpan.FromMilliseconds(39));
            run.Add(SampleRuns.HeldBack() with { Id = $"x/{i}" });
        }
        Assert.That(Written(), Is.Zero);
        clock.Advance(TimeSpan.FromMilliseconds(39));
        run.Add(SampleRuns.HeldBack());
        Assert.That(Written(), Is.EqualTo(6));
    }

    private RunDirectory Recorded(RunResult sample)
    {
        var run = Unfinished(sample);
        run.Finish();
        return run;
    }

    private RunDirectory Unfinished(RunResult sample)
    {
        var run = RunDirectory.Create(new(sample.Command, sample.Seed, sample.Suites, sample.Planned), root, clock);
        run.HostIs(sample.Host!);
        foreach (var phase in sample.Phases)
            run.Add(phase);
        foreach (var scenario in sample.Scenarios)
            run.Add(scenario);
        return run;
    }

    // What a kill leaves: the clock stands still, so results.json keeps what it held after the given number of scenarios.
    private (string Directory, byte[] Journal) Killed(RunResult sample, int writtenBeforeRewrite)
    {
        using var run = Unfinished(sample with { Scenarios = [.. sample.Scenarios.Take(writtenBeforeRewrite)] });
        clock.Advance(TimeSpan.FromSeconds(5));
        if (writtenBeforeRewrite > 0)
            run.Add(new PhaseTime("forces the rewrite", 0, 1));
        else
            run.HostIs(sample.Host!);
        foreach (var scenario in sample.Scenarios.Skip(writtenBeforeRewrite))
            run.Add(scenario);
        var copy = Directory.CreateDirectory(Path.Combine(root, "killed")).FullName;
        Directory.CreateDirectory(Path.Combine(copy, RunDirectory.TracesName));
        foreach (var file in Directory.GetFiles(run.Path, "*", SearchOption.AllDirectories).Where(f => !f.EndsWith(".lock", StringComparison.Ordinal)))
            File.Copy(file, Path.Combine(copy, Path.GetRelativePath(run.Path, file)));
        Assert.That(JsonNode.Parse(File.ReadAllBytes(Path.Combine(copy, RunDirectory.ResultsName)))!["scenarios"]!.AsArray(), Has.Count.EqualTo(writtenBeforeRewrite));
        return (copy, File.ReadAllBytes(Path.Combine(copy, RunDirectory.JournalName)));
    }

    private static string Text(RunResult run) => System.Text.Encoding.UTF8.GetString(ResultsJson.Of(run));

    private static string[] Names(JsonNode? node) => [.. node!.AsObject().Select(property => property.Key)];

    private sealed class ManualClock : TimeProvider
    {
        private TimeSpan passed;

        public override DateTimeOffset GetUtcNow() => SampleRuns.Began + passed;

        public override long GetTimestamp() => passed.Ticks;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public void Advance(TimeSpan by) => passed += by;
    }
}
