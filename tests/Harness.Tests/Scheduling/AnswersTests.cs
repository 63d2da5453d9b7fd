using HvLab.Harness.Lab.Results;
using HvLab.Harness.Scheduling;
using HvLab.Harness.Tests.Cli;

namespace HvLab.Harness.Tests.Scheduling;

public sealed class AnswersTests
{
    private readonly List<ScenarioResult> _told = [];
    private Answers _answers = null!;

    [SetUp]
    public void Begin()
    {
        _told.Clear();
        _answers = new(_told.Add);
    }

    [Test]
    public void The_worst_of_all_rounds_counts()
    {
        _answers.Add(Results.Scenario(Verdict.Success), last: false);
        _answers.Add(Results.Scenario(Verdict.Failure), last: false);
        _answers.Add(Results.Scenario(Verdict.Success), last: true);
        Assert.That(_told.Select(result => result.Verdict), Is.EqualTo(new[] { Verdict.Failure }));
    }

    [Test]
    public void An_unexpected_failure_is_worse_than_an_error_and_that_than_a_known_one()
    {
        _answers.Add(Results.Scenario(Verdict.Failure, known: "because"), last: false);
        _answers.Add(Results.Scenario(Verdict.Error), last: false);
        _answers.Add(Results.Scenario(Verdict.Failure), last: false);
        _answers.Add(Results.Scenario(Verdict.Error), last: true);
        Assert.That(_told.Single(), Is.EqualTo(Results.Scenario(Verdict.Failure)));
    }

    [Test]
    public void A_run_that_ends_early_still_tells_what_was_seen_and_each_once()
    {
        _answers.Add(Results.Scenario(Verdict.Failure, id: "x/1"), last: false);
        _answers.Add(Results.Scenario(Verdict.Skip, id: "x/2"), last: true);
        _answers.Add(Results.Scenario(Verdict.Skip, id: "x/2"), last: true);
        _answers.TellRest();
        _answers.TellRest();
        Assert.That(_told.Select(result => result.Id), Is.EquivalentTo(new[] { "x/1", "x/2" }));
    }
}
