using System.Text.Json;
using HvLab.Harness.Lab;
using HvLab.Harness.Lab.Results;
using HvLab.Harness.Reports.Json;
using HvLab.Harness.Scenarios;
using HvLab.Harness.Scheduling;

namespace HvLab.Harness.Tests.Scheduling;

public sealed class RecordingsTests
{
    private static readonly IScenario Any = Catalog.All[0];

    private static RunResult Run(JsonElement plan) => new()
    {
        Id = "r", Started = DateTimeOffset.UnixEpoch, Command = [], Seed = 1, Suites = [], Planned = 1,
        Scenarios = [new()
        {
            Id = Any.Id, Subsystem = Any.Subsystem, Claim = Any.Claim, Verdict = Verdict.Success, DurationMs = 1,
            Recorded = new(plan, [new(5, 7, JsonSerializer.SerializeToElement("<nonsense>"))]),
        }],
    };

    [Test]
    public void A_recorded_trace_survives_the_run_directory()
    {
        var home = Directory.CreateTempSubdirectory("hvlab-test-").FullName;
        using (var directory = RunDirectory.Create(new([], 1, [], 1), home, TimeProvider.System, Path.Combine(home, "run")))
            directory.Add(Run(Any.Plan()).Scenarios[0]);
        var recording = Recordings.Of(RunDirectory.Load(Path.Combine(home, "run"))).Single();
        Directory.Delete(home, recursive: true);
        Assert.That(recording.Scenario, Is.SameAs(Any));
        Assert.That((recording.Events[0].AtMicros, recording.Events[0].TookMicros, recording.Events[0].Seen.GetString()), Is.EqualTo((5L, 7L, "<nonsense>")));
    }

    [Test]
    public void An_observation_that_makes_no_sense_is_the_labs_error() =>
        Assert.That(Recordings.Rejudge(Recordings.Of(Run(Any.Plan())).Single()).Verdict, Is.EqualTo(Verdict.Error));

    [Test]
    public void A_trace_of_another_plan_is_not_judged() =>
        Assert.That(() => Recordings.Of(Run(JsonSerializer.SerializeToElement(1))),
            Throws.TypeOf<LabException>().With.Property("Reason").EqualTo(LabFault.Configuration).And.Message.Contains(Any.Id));
}
