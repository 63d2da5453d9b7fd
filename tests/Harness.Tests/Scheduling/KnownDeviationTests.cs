using HvLab.Harness.Lab.Configuration;
using HvLab.Harness.Lab.Results;
using HvLab.Harness.Scheduling;

namespace HvLab.Harness.Tests.Scheduling;

public sealed class KnownDeviationTests
{
    private static readonly KnownDeviation Known = new()
    {
        Scenario = "xen-ioreq/some-*", Releases = ["xen-4.17"], Divergence = "* maps * saw EBUSY", Reason = "because", Reference = "there",
    };

    private static ScenarioResult Result(Verdict verdict, string? seen) => new()
    {
        Id = "xen-ioreq/some-name", Subsystem = "xen-ioreq", Claim = "c", Verdict = verdict, DurationMs = 1,
        Divergence = seen is null ? null : new() { Step = 3, Operation = "B maps the type", Seen = seen, Allowed = ["done"] },
    };

    private static ScenarioResult On(string release, ScenarioResult result) => Selection.WithDeviation(result, release, [Known]);

    [Test]
    public void The_divergence_that_is_listed_is_expected() =>
        Assert.That(On("xen-4.17", Result(Verdict.Failure, "EBUSY")).KnownDeviation, Is.EqualTo("because (there)"));

    [Test]
    public void Another_divergence_of_the_same_scenario_is_a_failure_that_says_so()
    {
        var result = On("xen-4.17", Result(Verdict.Failure, "EINVAL"));
        Assert.That((result.KnownDeviation, result.Detail), Is.EqualTo(((string?)null, "Not the divergence that lab-config knows of this scenario, which is: * maps * saw EBUSY.")));
    }

    [Test]
    public void Another_release_has_no_excuse() => Assert.That(On("xen-4.20", Result(Verdict.Failure, "EBUSY")).KnownDeviation, Is.Null);

    [Test]
    public void A_crash_has_no_excuse() => Assert.That(On("xen-4.17", Result(Verdict.Failure, null)).KnownDeviation, Is.Null);

    [Test]
    public void A_divergence_that_stopped_happening_is_told() => Assert.That(On("xen-4.17", Result(Verdict.Success, null)).DeviationGone);

    [Test]
    public void Without_a_pattern_any_divergence_is_meant() =>
        Assert.That(Selection.WithDeviation(Result(Verdict.Failure, "EINVAL"), "xen-4.17", [Known with { Divergence = "*" }]).KnownDeviation, Is.Not.Null);
}
