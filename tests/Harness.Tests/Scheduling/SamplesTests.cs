using HvLab.Harness.Lab.Results;
using HvLab.Harness.Scheduling.Bench;

namespace HvLab.Harness.Tests.Scheduling;

public sealed class SamplesTests
{
    private static Samples Of(params double[] values)
    {
        var samples = new Samples();
        foreach (var value in values)
            samples.Add(value);
        return samples;
    }

    [Test]
    public void The_median_is_the_middle_one_or_the_mean_of_the_two_in_the_middle()
    {
        Assert.That(Of(9, 1, 2).Median, Is.EqualTo(2));
        Assert.That(Of(4, 1, 9, 2).Median, Is.EqualTo(3));
        Assert.That(() => Of().Median, Throws.InvalidOperationException);
    }

    [Test]
    public void A_ratio_is_median_over_median_and_its_spread_is_that_of_the_rounds()
    {
        var figure = Samples.Ratio("x.ratio", "<= 1.0", Of(1, 8, 2), Of(2, 4, 4));
        Assert.That(figure.Value, Is.EqualTo(0.5));
        Assert.That((figure.Spread!.Low, figure.Spread.High, figure.Spread.Count), Is.EqualTo((0.5, 2.0, 3)));
        Assert.That(figure.Meets(), Is.True);
        Assert.That(() => Samples.Ratio("x", "<= 1.0", Of(1), Of(1, 2)), Throws.InvalidOperationException);
    }

    [Test]
    public void Start_up_and_exit_of_the_process_count_towards_the_first_verdict()
    {
        var run = new MeasuredRun(TimeSpan.FromSeconds(3), new RunResult
        {
            Id = "r", Started = default, Command = [], Seed = 1, Suites = [], Planned = 2,
            Scenarios = [Success("a"), Success("b")],
            Phases = [new("first verdict", 1000, 0), new("scenarios", 900, 500), new("report", 2400, 100)],
        }, "/nowhere", 0);
        Assert.That(run.FirstVerdict, Is.EqualTo(TimeSpan.FromSeconds(1.5)), "1 s by its own mark, and 0.5 s of the 3 s that it does not know of");
        Assert.That(run.ScenariosPerSecond, Is.EqualTo(4));
    }

    private static ScenarioResult Success(string id) => new() { Id = id, Subsystem = "s", Claim = "", Verdict = Verdict.Success, DurationMs = 1 };
}
