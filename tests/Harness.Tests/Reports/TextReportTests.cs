using System.Xml.Linq;
using HvLab.Harness.Lab;
using HvLab.Harness.Lab.Results;
using HvLab.Harness.Reports.JUnit;
using HvLab.Harness.Reports.Json;
using HvLab.Harness.Reports.Summary;
using HvLab.Harness.Reports.Terminal;

namespace HvLab.Harness.Tests.Reports;

/// <summary>junit.xml, terminal text and bench.json.</summary>
[TestFixture]
internal sealed class TextReportTests
{
    [Test]
    public void JUnit_counts_agree_with_its_elements_and_a_known_deviation_passes()
    {
        var root = XDocument.Parse(JUnitXml.Render(SampleRuns.Mixed())).Root!;
        Assert.That(root.Elements("testsuite").Select(s => (string?)s.Attribute("name")), Is.EqualTo(new[] { "kvm-async-pf", "kvm-dirty-log" }));
        foreach (var scope in root.Elements("testsuite").Append(root))
            foreach (var (attribute, element) in new[] { ("tests", "testcase"), ("failures", "failure"), ("errors", "error"), ("skipped", "skipped") })
                Assert.That((int)scope.Attribute(attribute)!, Is.EqualTo(scope.Descendants(element).Count()), $"{scope.Attribute("name")} {attribute}");
        Assert.That((int)root.Attribute("failures")!, Is.EqualTo(3));
        var known = root.Descendants("testcase").Single(c => (string?)c.Attribute("name") == "kvm-async-pf/two-vcpus-one-page");
        Assert.That(known.Elements().Select(e => e.Name.LocalName), Is.EqualTo(new[] { "system-out" }));
        Assert.That(known.Value, Does.Contain("known deviation: the token of the first vCPU"));
        var failure = root.Descendants("failure").First();
        Assert.That((string?)failure.Attribute("message"), Does.StartWith("step 9: vcpu0 waits → Ready token 0x2000; allowed: "));
        Assert.That(failure.Value, Does.Contain("✗   9."));
    }

    [Test]
    public void JUnit_of_a_run_cut_short_has_an_error_even_when_every_result_is_a_success()
    {
        var cut = SampleRuns.OfSize(3) with { Planned = 5 };
        foreach (var run in new[] { cut, cut with { Finished = null }, cut with { Trouble = "The box died." } })
        {
            var root = XDocument.Parse(JUnitXml.Render(run)).Root!;
            Assert.That((int)root.Attribute("errors")!, Is.EqualTo(1));
            Assert.That(root.Descendants("error").Single().Parent!.Parent!.Attribute("name")!.Value, Is.EqualTo("hvlab.run"));
        }
    }

    [Test]
    public void Divergence_is_explained_in_the_terminal_step_by_step() => Assert.That(
        DivergenceText.Render(SampleRuns.HeldBack()),
        Is.EqualTo(
            """
            ✗ kvm-async-pf/second-ready-held-back: Failure
              claim: A second READY is held back until the acknowledge MSR is written, and released by it.
                  1.     0 µs  Guest       vcpu0 enables async PF at 0x7000 (send-always) → Ok
                  2.   410 µs  Guest       vcpu0 waits → Ready token 0xffffffff (broadcast)
                  3.   733 µs  Guest       vcpu0 acknowledges → Ok
                  4.   980 µs  Guest       vcpu0 reads gfn 0x600 → NotPresent token 0x1000
                  5.  1.41 ms  Guest       vcpu0 reads gfn 0x601 → NotPresent token 0x2000
                  6.  1.87 ms  Pager       pager supplies gfn 0x600 → Copied 4096 bytes
                  7.  2.20 ms  Pager       pager supplies gfn 0x601 → Copied 4096 bytes
                  8.  2.79 ms  Guest       vcpu0 waits → Ready token 0x1000
              ✗   9.  3.12 ms  Guest       vcpu0 waits → Ready token 0x2000
                   no model state explains this
                   allowed: Nothing: READY 0x2000 stays queued until vcpu0 acknowledges token 0x1000
                   rule:    "when the guest finishes handling a 'page ready' event it must write '1' to MSR_KVM_ASYNC_PF_ACK to re-enable delivery" (Documentation/virt/kvm/x86/msr.rst)

            """));

    [Test]
    public void Summary_has_a_row_a_subsystem_and_one_for_all()
    {
        var rows = TerminalSummary.Rows(SampleRuns.Mixed());
        Assert.That(rows.Select(r => string.Join(' ', r.Take(6))), Is.EqualTo(new[] { "kvm-async-pf 4 1 1 0 3", "kvm-dirty-log 1 0 0 1 0", "all 5 1 1 1 3" }));
        Assert.That(rows, Has.All.Count.EqualTo(TerminalSummary.Columns.Count));
    }

    [Test]
    public void Sentence_never_calls_an_incomplete_run_a_success()
    {
        var good = SampleRuns.Run(SampleRuns.Mixed().Scenarios[0]);
        var skipped = SampleRuns.Mixed().Scenarios.Single(s => s.Verdict == Verdict.Skip);
        Assert.That(RunSentence.Of(good).Worst, Is.EqualTo(Outcome.Success));
        Assert.That(RunSentence.Of(good with { Planned = 2 }).Worst, Is.EqualTo(Outcome.Error));
        Assert.That(RunSentence.Of(good with { Finished = null }).Worst, Is.EqualTo(Outcome.Error));
        Assert.That(RunSentence.Of(good with { Trouble = "x" }).Worst, Is.EqualTo(Outcome.Error));
        Assert.That(RunSentence.Of(SampleRuns.Run(skipped)).Text, Does.StartWith("Nothing was tested"));
        Assert.That(RunSentence.Of(SampleRuns.Run()).Text, Does.StartWith("Nothing was tested"));
        Assert.That(RunSentence.Of(SampleRuns.Run(SampleRuns.HeldBack() with { KnownDeviation = "x" })).Worst, Is.EqualTo(Outcome.Known));
        Assert.That(RunSentence.Of(SampleRuns.Mixed()).Worst, Is.EqualTo(Outcome.Failure));
    }

    [Test]
    public void Bench_file_round_trips_and_judges_its_targets()
    {
        var path = Path.Combine(Path.GetTempPath(), $"hvlab-bench-{Guid.NewGuid():N}.json");
        BenchFigure[] figures =
        [
            new("kvm.run.warm.ratio", 0.93, "ratio", "<= 1.0"), new("kvm.scenarios.per-second", 12.5, "1/s", ">= 30"), new("kvm.first-verdict.s", 1.2, "s", null),
        ];
        try
        {
            BenchFile.Write(path, new(SampleRuns.Began, figures, SampleRuns.Host));
            Assert.That(BenchFile.Read(path).Figures, Is.EqualTo(figures));
            Assert.That(figures.Select(f => f.Meets()), Is.EqualTo(new bool?[] { true, false, null }));
            var json = System.Text.Json.Nodes.JsonNode.Parse(File.ReadAllText(path))!;
            Assert.That(json["figures"]![0]!.AsObject().Select(p => p.Key), Is.EqualTo(new[] { "name", "value", "unit", "target" }));
            File.WriteAllText(path, "{");
            Assert.That(() => BenchFile.Read(path), Throws.TypeOf<LabException>().With.Message.Contains("hvlab bench"));
        }
        finally
        {
            File.Delete(path);
        }
    }
}
