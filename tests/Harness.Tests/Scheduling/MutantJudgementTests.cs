using HvLab.Harness.Cli;
using HvLab.Harness.Cli.Terminal;
using HvLab.Harness.Lab;
using HvLab.Harness.Lab.Configuration;
using HvLab.Harness.Lab.Results;
using HvLab.Harness.Provisioning.Kernels;
using HvLab.Harness.Scenarios;
using HvLab.Harness.Scheduling.Mutants;
using HvLab.Harness.Tests.Cli;

namespace HvLab.Harness.Tests.Scheduling;

public sealed class MutantJudgementTests
{
    // S success, D known deviation, F failure, E error, - skip; how many were planned (-1: all); trouble; found ("?": unknown)
    [TestCase("SSD", -1, false, "no")]
    [TestCase("SF", 9, false, "yes", Description = "fail-fast leaves the rest unanswered")]
    [TestCase("EF", -1, false, "yes")]
    [TestCase("F", 9, true, "yes")]
    [TestCase("SD", 3, false, "?")]
    [TestCase("SE", -1, false, "?")]
    [TestCase("SS", -1, true, "?")]
    [TestCase("--", -1, false, "?")]
    [TestCase("S-", -1, false, "?", Description = "the one that was skipped might have found it")]
    [TestCase("", -1, false, "?")]
    public void Found_needs_an_unexpected_failure_and_not_found_a_run_without_a_gap(string verdicts, int planned, bool trouble, string expected)
    {
        var scenarios = verdicts.Select((letter, index) => letter switch
        {
            'S' => Results.Scenario(Verdict.Success, id: $"x/{index}"),
            'D' => Results.Scenario(Verdict.Failure, known: "because", id: $"x/{index}"),
            'F' => Results.Scenario(Verdict.Failure, id: $"x/{index}"),
            'E' => Results.Scenario(Verdict.Error, id: $"x/{index}", detail: "no probe"),
            _ => Results.Scenario(Verdict.Skip, id: $"x/{index}", detail: "no KVM"),
        }).ToArray();
        var judgement = MutantJudgement.Of(Results.Run(planned < 0 ? null : planned, trouble ? "the box died" : null, scenarios));
        Assert.That(judgement.Found switch { true => "yes", false => "no", _ => "?" }, Is.EqualTo(expected));
        Assert.That(judgement.By?.Id, Is.EqualTo(expected == "yes" ? $"x/{verdicts.IndexOf('F', StringComparison.Ordinal)}" : null));
        Assert.That(judgement.Why is not null, Is.EqualTo(expected == "?"), "what is unknown has a reason");
    }

    // The control first, then mutants: Y found, N not found, ? unknown.
    [TestCase("NYY", 0)]
    [TestCase("NYN", 1)]
    [TestCase("NN?", 1)]
    [TestCase("NY?", 125)]
    [TestCase("Y", 1, Description = "the rebuild fails by itself")]
    [TestCase("?", 125)]
    [TestCase("N", 125, Description = "a control alone proves nothing")]
    [TestCase("", 125)]
    public void The_exit_code_follows_from_the_table(string rows, int expected) => Assert.That(ExitCode.Of(Table(rows)), Is.EqualTo(expected));

    [TestCase("NYN?", 3, "1 of 3 mutants found, 1 missed, 1 unknown")]
    [TestCase("Y", 3, "none was run")]
    [TestCase("?", 3, "no mutant was run")]
    public void The_last_line_says_it_in_words(string rows, int asked, string expected) =>
        Assert.That(MutantTable.Totals(Table(rows), asked), Does.Contain(expected));

    [Test]
    public void Every_expectation_of_a_mutant_is_a_scenario_that_exists()
    {
        var paths = HvLabPaths.Find(Environment.GetEnvironmentVariable);
        foreach (var mutant in MutantCatalog.LoadKvm(paths))
        {
            Assert.That(mutant.Expect, Is.Not.Empty, mutant.Name);
            foreach (var pattern in mutant.Expect)
                Assert.That(Catalog.All.Any(scenario => NamePattern.Matches(pattern, scenario.Id)), $"{mutant.Name}: {pattern} matches no scenario");
        }
    }

    private static MutantOutcomes Table(string rows) => new([.. rows.Select((letter, index) => new MutantOutcome
    {
        Mutant = index == 0 ? MutantOutcome.ControlName : $"m{index}",
        Found = letter switch { 'Y' => true, 'N' => false, _ => null },
        BuildMs = 1,
    })]);
}
