using System.Text.Json;
using HvLab.Harness.Scenarios;
using HvLab.Harness.Scenarios.Xen;
using HvLab.Reference.Models.Xen.Ioreq;
using HvLab.Reference.Xen;

namespace HvLab.Reference.Tests.Xen;

/// <summary>Traces of the real Xen 4.17 (NPT), judged again: which design explains them, and where the documented one does not.</summary>
public sealed class IoreqRecordedTests
{
    private static readonly string[] Conforming =
    [
        "write-is-forwarded-and-memory-untouched", "straddle-of-three-bytes-and-one", "string-copy-across-marked-pages", "unmap-resets-every-page",
        "page-marked-by-both-in-turn", "clean-keeps-pages-forwarded", "log-dirty-between-two-servers", "straddle-in-flight-when-the-type-is-unmapped",
    ];

    [TestCaseSource(nameof(Conforming))]
    public void What_Xen_did_is_as_documented(string name)
    {
        var (scenario, events) = Read(name);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(scenario.Judge(events).Divergence, Is.Null);
            Assert.That(scenario.ExplainedBy(events), Does.Contain(IoreqDesigns.SweepOnDetach).And.Contain(IoreqDesigns.Xen));
        }
    }

    [TestCase("destroyed-server-leaves-no-pages", 5, "stuck at gfn 0x20")]
    [TestCase("destroyed-server-does-not-block-log-dirty", 5, "EBUSY")]
    [TestCase("server-destroyed-with-a-write-in-flight", 7, "the vCPU sleeps in Xen")]
    [TestCase("unmap-with-pages-keeps-logging", 8, "1 dirty")]
    [TestCase("page-set-back-while-logging-stays-logged", 3, "0 dirty")]
    [TestCase("clean-while-log-dirty-is-off", 5, "type RamRo")]
    [TestCase("fetch-is-direct", 6, "retried without end")]
    [TestCase("disabled-server-gets-no-write", 7, "server A gets")]
    [TestCase("write-before-the-server-is-enabled", 3, "exception")]
    public void What_Xen_did_differs_and_only_the_design_of_its_code_explains_it(string name, int step, string seen)
    {
        var (scenario, events) = Read(name);
        var divergence = scenario.Judge(events).Divergence;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(divergence?.Step, Is.EqualTo(step));
            Assert.That(divergence?.Seen, Does.Contain(seen));
            Assert.That(divergence?.Rules[^1], Does.Contain("xen-4.17"));
            Assert.That(scenario.ExplainedBy(events), Does.Contain(IoreqDesigns.Xen).And.Not.Contain(IoreqDesigns.SweepOnDetach));
        }
    }

    [Test]
    public void One_design_explains_everything_that_Xen_did()
    {
        var left = IoreqDesigns.All.ToHashSet();
        foreach (var name in Names)
        {
            var (scenario, events) = Read(name);
            left.IntersectWith(scenario.ExplainedBy(events));
        }
        Assert.That(left, Is.EquivalentTo((IoreqDesign[])[IoreqDesigns.Xen]));
    }

    private const string Folder = "recorded-xen/";

    private static IEnumerable<string> Names => typeof(IoreqRecordedTests).Assembly.GetManifestResourceNames()
        .Where(name => name.StartsWith(Folder, StringComparison.Ordinal)).Select(name => Path.GetFileNameWithoutExtension(name[Folder.Length..]));

    private static (IoreqScenario Scenario, RawEvent[] Events) Read(string name)
    {
        using var file = typeof(IoreqRecordedTests).Assembly.GetManifestResourceStream($"{Folder}{name}.json");
        using var recorded = JsonDocument.Parse(file!);
        var plan = recorded.RootElement.GetProperty("plan").Deserialize(IoreqJson.Default.IoreqPlan)!;
        return (new() { Name = name, Claim = "recorded", Vcpus = plan.Vcpus, Pages = plan.Pages, Trace = plan.Operations },
        [
            .. recorded.RootElement.GetProperty("events").EnumerateArray().Select((now, step) =>
                new RawEvent(step, 0, now.GetProperty("tookMicros").GetInt64(), now.GetProperty("seen").Clone())),
        ]);
    }
}
