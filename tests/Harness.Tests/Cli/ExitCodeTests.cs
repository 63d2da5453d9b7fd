using HvLab.Harness.Cli;
using HvLab.Harness.Lab;
using HvLab.Harness.Lab.Results;

namespace HvLab.Harness.Tests.Cli;

public sealed class ExitCodeTests
{
    // S success, D known deviation, F failure, E error, - skip; how many were planned (-1: all); trouble; exit code
    [TestCase("S", -1, false, 0)]
    [TestCase("SSS", -1, false, 0)]
    [TestCase("D", -1, false, 0)]
    [TestCase("SD", -1, false, 0)]
    [TestCase("S-", -1, false, 0)]
    [TestCase("F", -1, false, 1)]
    [TestCase("SDF", -1, false, 1)]
    [TestCase("FE", -1, false, 1)]
    [TestCase("F-", 9, true, 1)]
    [TestCase("E", -1, false, 125)]
    [TestCase("SSE", -1, false, 125)]
    [TestCase("DE", -1, false, 125)]
    [TestCase("", -1, false, 125)]
    [TestCase("--", -1, false, 125)]
    [TestCase("S", -1, true, 125)]
    [TestCase("S", 2, false, 125)]
    [TestCase("", 5, true, 125)]
    public void The_code_follows_from_the_verdicts(string verdicts, int planned, bool trouble, int expected)
    {
        var scenarios = verdicts.Select(letter => letter switch
        {
            'S' => Results.Scenario(Verdict.Success),
            'D' => Results.Scenario(Verdict.Failure, known: "because"),
            'F' => Results.Scenario(Verdict.Failure),
            'E' => Results.Scenario(Verdict.Error),
            _ => Results.Scenario(Verdict.Skip),
        }).ToArray();
        Assert.That(ExitCode.Of(Results.Run(planned < 0 ? null : planned, trouble ? "the box died" : null, scenarios)), Is.EqualTo(expected));
    }

    [Test]
    public void Only_bad_usage_or_configuration_is_2([Values] LabFault fault) =>
        Assert.That(ExitCode.Of(new LabException(fault, "x")), Is.EqualTo(fault is LabFault.Configuration ? 2 : 125));
}
