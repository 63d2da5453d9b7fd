using System.Text.Json;
using HvLab.Harness.Scenarios;
using HvLab.Harness.Scenarios.Xen;
using HvLab.Reference.Xen;

namespace HvLab.Reference.Tests.Xen;

/// <summary>Traces of real Xen 4.17 on the default box (QEMU TCG with SVM and NPT, lab-patched for AMD), as the probe sent them: a change of the model that rejects them is wrong.</summary>
public sealed class SharingRecordedTests
{
    private static readonly string[] s_good =
    [
        "three-write-one-after-another", "answered-without-memory", "all-three-are-destroyed", "broken-page-is-dirty",
        "map-of-a-frame-that-was-given-up", "shared-frame-over-a-paged-out-page",
    ];

    [TestCaseSource(nameof(s_good))]
    public void What_real_Xen_did_is_allowed(string name)
    {
        var (scenario, events) = Read(name);
        Assert.That(events, Has.Length.EqualTo(scenario.Steps));
        Assert.That(scenario.Judge(events).Divergence, Is.Null);
    }

    [TestCase("nominated-without-enabling", 0, "a new handle", "EINVAL", TestName = "A_page_nominated_where_sharing_was_never_enabled_diverges")]
    [TestCase("shared-frame-with-forged-handles", 5, "done", "source handle invalid", TestName = "Handles_that_were_not_verified_diverge")]
    [TestCase("second-helper", 1, "EBUSY", "EINVAL", TestName = "Another_errno_than_the_header_says_diverges")]
    public void A_departure_of_real_Xen_diverges(string name, int step, string seen, string allowed)
    {
        var (scenario, events) = Read(name);
        var divergence = scenario.Judge(events).Divergence;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(divergence?.Step, Is.EqualTo(step));
            Assert.That(divergence?.Seen, Does.StartWith(seen));
            Assert.That(divergence?.Allowed[0], Does.StartWith(allowed));
        }
    }

    [TestCaseSource(nameof(s_good))]
    public void A_counter_that_is_off_by_one_diverges_at_its_own_step(string name)
    {
        var (scenario, events) = Read(name);
        for (var step = 0; step < events.Length; step++)
        {
            var seen = events[step].Seen.Deserialize(SharingJson.Default.SharingSeen)!;
            foreach (var world in (SharingWorld[])[seen.World with { Freed = seen.World.Freed + 1 }, seen.World with { Used = seen.World.Used - 1 }, seen.World with { AuditErrors = 1 }])
            {
                var trace = (RawEvent[])events.Clone();
                trace[step] = trace[step] with { Seen = JsonSerializer.SerializeToElement(seen with { World = world }, SharingJson.Default.SharingSeen) };
                Assert.That(scenario.Judge(trace).Divergence?.Step, Is.EqualTo(step), $"{world}");
            }
        }
    }

    private static (SharingScenario Scenario, RawEvent[] Events) Read(string name)
    {
        using var file = typeof(SharingRecordedTests).Assembly.GetManifestResourceStream($"recorded/xen-sharing/{name}.json");
        using var recorded = JsonDocument.Parse(file!);
        var plan = recorded.RootElement.GetProperty("plan").Deserialize(SharingJson.Default.SharingPlan)!;
        return (new() { Name = name, Claim = "as recorded", Domains = plan.Domains, Vcpus = plan.Vcpus, Trace = plan.Operations },
        [
            .. recorded.RootElement.GetProperty("events").EnumerateArray().Select((now, step) => new RawEvent(
                step, now.GetProperty("atMicros").GetInt64(), now.GetProperty("tookMicros").GetInt64(), now.GetProperty("seen").Clone())),
        ]);
    }
}
