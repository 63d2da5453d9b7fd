using System.Xml.Linq;
using HvLab.Harness.Reports.Html;
using HvLab.Harness.Reports.Html.Drawing;
using HvLab.Harness.Reports.Json;

namespace HvLab.Harness.Tests.Reports;

/// <summary>Counterexamples as drawings and as a page.</summary>
public sealed class ExplorationReportTests
{
    private const string Hostile = "<script>alert(1)</script>\u202e\u001b[31m";

    private static PropertyDocument Broken(int steps) => new("sleeper-wakes", Hostile, "a mail", "broken", false,
        [.. Enumerable.Range(1, steps).Select(step => new StepDocument(step, $"vcpu {step % 2}", $"does {step} {Hostile}", step % 3 == 0 ? "p2m" : null,
            [new($"vcpu {(step + 1) % 2}", $"belief {step}"), new("outer lock", Hostile)]))]);

    private static ExplorationDocument Document(params PropertyDocument[] properties) => new("p2m-wait-queue", "five", false, Hostile, "nothing", new Dictionary<string, int> { ["vcpus"] = 2 },
        10, 20, 5, true, 0.1, 100, 40, ["vcpu 0", "vcpu 1", "p2m", "pager"], properties);

    private static XElement Drawing(int steps) => XElement.Parse(CounterexampleSvg.Render(Document(), Broken(steps), standalone: true)!);

    private static IEnumerable<XElement> Of(XElement svg, string css) => svg.Descendants().Where(element => ((string?)element.Attribute("class"))?.Split(' ').Contains(css) == true);

    [Test]
    public void A_drawing_has_a_column_for_each_that_takes_part_and_one_for_things() =>
        Assert.That(Of(Drawing(6), "lane").Select(lane => lane.Value), Is.EqualTo((string[])["vcpu 0", "vcpu 1", "p2m", "what is so"]));

    [Test]
    public void Every_step_is_drawn_with_what_each_believes_and_the_last_is_marked()
    {
        var svg = Drawing(6);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Of(svg, "step").Count(), Is.EqualTo(6));
            Assert.That(Of(svg, "seen").Count(), Is.EqualTo(12));
            Assert.That(Of(svg, "mark").Count(), Is.EqualTo(1));
            Assert.That(Of(svg, "step").Last().Attribute("class")!.Value, Does.Contain("diverging"));
            Assert.That(svg.Value, Does.Contain("sleeper-wakes is broken by design five"));
        }
    }

    [Test]
    public void A_very_long_run_has_its_middle_left_out()
    {
        var svg = Drawing(200);
        Assert.That(Of(svg, "step").Count(), Is.EqualTo(59));
        Assert.That(Of(svg, "gap").Single().Value, Does.Contain("141 steps are not drawn"));
    }

    [Test]
    public void Text_of_a_model_is_never_markup()
    {
        var page = ExplorationHtml.Render([Document(Broken(3))]);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(page, Does.Not.Contain("<script").And.Not.Contain("\u202e").And.Not.Contain("\u001b"));
            Assert.That(page, Does.Contain("&lt;script&gt;").And.Contain("default-src 'none'"));
            Assert.That(Drawing(3).Descendants().Select(element => element.Name.LocalName), Has.None.EqualTo("script"));
        }
    }

    [Test]
    public void The_table_links_to_each_counterexample_on_the_page()
    {
        var holds = new PropertyDocument("no-bug", "rule", "mail", "holds", true, null);
        var page = ExplorationHtml.Render([Document(Broken(3), holds)]);
        Assert.That(page, Does.Contain("href=\"#p2m-wait-queue-five-sleeper-wakes\"").And.Contain("id=\"p2m-wait-queue-five-sleeper-wakes\"").And.Contain("<td>holds</td>"));
        Assert.That(CounterexampleSvg.Render(Document(), holds, standalone: false), Is.Null);
    }
}
