using HvLab.Harness.Cli;
using HvLab.Harness.Cli.Terminal;
using HvLab.Harness.Lab.Results;
using HvLab.Harness.Scheduling;

namespace HvLab.Harness.Tests.Cli;

public sealed class RunViewTests
{
    private static RunOutcome Outcome(params ScenarioResult[] scenarios) => new(Results.Run(null, null, scenarios), "/runs/r");

    [Test]
    public async Task A_log_gets_one_line_an_event([Values] bool json)
    {
        using var terminal = new Terminal();
        await RunView.WatchAsync(terminal.Session, json, observer =>
        {
            observer.Phase("restoring the box");
            observer.ScenarioStarted("kvm-x/a", 0, 2);
            observer.ScenarioFinished(Results.Scenario(Verdict.Skip, detail: "needs SEV\u001b[2J"));
            return Task.FromResult(Outcome());
        });
        var log = (json ? terminal.Error : terminal.Output).ToString();
        Assert.That(log, Does.Match(@"^ +0\.\ds  restoring the box\n +0\.\ds  1/2 - Skip  kvm-x/a  12 ms  needs SEV.\[2J\n$"));
        Assert.That((json ? terminal.Output : terminal.Error).ToString(), Is.Empty);
    }

    [Test]
    public async Task A_terminal_gets_a_bar_and_a_drawn_table()
    {
        using var terminal = new Terminal();
        var session = terminal.Session with { Interactive = true };
        var outcome = await RunView.WatchAsync(session, json: false, observer =>
        {
            observer.Phase("restoring [the] box");
            observer.ScenarioStarted("kvm-x/[a]", 0, 1);
            observer.ScenarioFinished(Results.Scenario(Verdict.Failure, id: "kvm-x/[a]", detail: "saw [red]this[/]"));
            return Task.FromResult(Outcome(Results.Scenario(Verdict.Failure, id: "kvm-x/[a]", detail: "saw [red]this[/]")));
        });
        ResultTable.Print(outcome, session);
        Assert.That(terminal.Output.ToString(), Does.Contain("✗ Failure  kvm-x/[a]").And.Contain("saw [red]this[/]").And.Contain("1 Failure."));
    }

    [Test]
    public void The_end_says_totals_and_where_the_report_is()
    {
        using var terminal = new Terminal();
        ResultTable.Print(Outcome(
            Results.Scenario(Verdict.Success), Results.Scenario(Verdict.Failure, known: "6.1 does so"), Results.Scenario(Verdict.Failure)), terminal.Session);
        Assert.That(terminal.Output.ToString(), Does.Contain("1 Success, 1 Failure, 1 known deviation.").And.Contain("Report: /runs/r/report.html"));
    }

    [Test]
    public void A_run_that_executed_nothing_says_so() =>
        Assert.That(ResultTable.Totals(Results.Run(3, null, Results.Scenario(Verdict.Skip))),
            Is.EqualTo("1 Skip, 2 without an answer. Nothing was executed, so nothing is known (exit code 125)."));
}
