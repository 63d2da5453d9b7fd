using HvLab.Harness.Reports.Html;
using OpenQA.Selenium;

namespace HvLab.Harness.Tests.Reports;

/// <summary>The page in a real browser.</summary>
[TestFixture]
internal sealed class ReportPageTests
{
    private ChromiumFixture chromium = null!;

    [OneTimeSetUp]
    public async Task StartBrowser() => chromium = await ChromiumFixture.StartAsync();

    [OneTimeTearDown]
    public void StopBrowser() => chromium.Dispose();

    [Test]
    public void Page_loads_without_a_complaint_and_without_a_request_beyond_itself()
    {
        chromium.Open(HtmlReport.Render(SampleRuns.Mixed()));
        Assert.That(chromium.Complaints(), Is.Empty);
        Assert.That(chromium.Requests(),
            Is.All.StartsWith("file:///").And.All.EndsWith("/report.html"));
        Assert.That(Text("h1"), Is.EqualTo("kvm-async-pf on kvm-6.1"));
        Assert.That(Text("header .verdict"), Does.Contain("3 of 11 scenarios failed"));
    }

    [Test]
    public void Policy_stops_inline_script_style_and_loads_that_are_not_the_pages_own()
    {
        chromium.Open(HtmlReport.Render(SampleRuns.Mixed()).Replace("</footer>",
            "</footer><script>window.injected=1</script><p id=x style=\"color:rgb(1,2,3)\" onclick=\"window.injected=1\">x</p><img src=\"http://127.0.0.1:9/x.png\">",
            StringComparison.Ordinal));
        chromium.Script("document.getElementById('x').click()");
        Assert.That(chromium.Script("return window.injected ?? null"), Is.Null);
        Assert.That(chromium.Script("return getComputedStyle(document.getElementById('x')).color"), Is.Not.EqualTo("rgb(1, 2, 3)"));
        Assert.That(chromium.Complaints().Count(c => c.Contains("Content Security Policy", StringComparison.Ordinal)), Is.GreaterThanOrEqualTo(3));
    }

    [Test]
    public void Verdict_filters_hide_and_show_rows()
    {
        chromium.Open(HtmlReport.Render(SampleRuns.Mixed()));
        Assert.That(VisibleRows(), Is.EqualTo(11));
        Find("input[value=Success]").Click();
        Assert.That(VisibleRows(), Is.EqualTo(6));
        Assert.That(Text("#shown"), Is.EqualTo("6 of 11 shown"));
        foreach (var outcome in new[] { "Skip", "Error", "Failure", "Known" })
            Find($"input[value={outcome}]").Click();
        Assert.That(VisibleRows(), Is.Zero);
        Assert.That(Find("#nothing").Displayed);
        Assert.That(chromium.Number("return [...document.querySelectorAll('tr.group')].filter(r => r.offsetParent).length"), Is.Zero);
        Find("input[value=Success]").Click();
        Assert.That(VisibleRows(), Is.EqualTo(5));
    }

    [Test]
    public void Text_filter_finds_ids_claims_and_details()
    {
        chromium.Open(HtmlReport.Render(SampleRuns.Mixed()));
        foreach (var (words, count) in new[] { ("held-back", 1), ("TOKEN 0xffffffff", 1), ("needs nested paging", 1), ("kvm-dirty-log", 2), ("<nothing>", 0) })
        {
            Find("#text").Clear();
            Find("#text").SendKeys(words);
            Assert.That(VisibleRows(), Is.EqualTo(count), words);
        }
    }

    [Test]
    public void Keyboard_opens_and_closes_a_row_with_its_trace()
    {
        chromium.Open(HtmlReport.Render(SampleRuns.Mixed()));
        var button = Find("#s2 button");
        chromium.Script("document.querySelector('#s1 button').focus()");
        chromium.Page.SwitchTo().ActiveElement().SendKeys(Keys.Tab);
        Assert.That(chromium.Page.SwitchTo().ActiveElement(), Is.EqualTo(button));
        chromium.Page.SwitchTo().ActiveElement().SendKeys(Keys.Enter);
        Assert.That(button.GetAttribute("aria-expanded"), Is.EqualTo("true"));
        Assert.That(Find("#d2").Displayed);
        Assert.That(chromium.Number("return document.querySelectorAll('#d2 .steps tbody tr').length"), Is.EqualTo(9));
        Assert.That(Text("#d2 .steps .diverges"), Does.Contain("✗ 9").And.Contain("Ready token 0x2000").And.Contain("no model state explains this"));
        chromium.Page.SwitchTo().ActiveElement().SendKeys(Keys.Space);
        Assert.That(Find("#d2").Displayed, Is.False);
    }

    [Test]
    public void Divergence_is_drawn_marked_by_shape_and_says_what_was_allowed()
    {
        chromium.Open(HtmlReport.Render(SampleRuns.Mixed()));
        var drawing = Find("#f2 svg.swim");
        Assert.That(drawing.Displayed);
        Assert.That(drawing.FindElements(By.CssSelector(".step")), Has.Count.EqualTo(9));
        Assert.That(drawing.FindElements(By.CssSelector(".step.diverging .mark polygon")), Has.Count.EqualTo(1));
        Assert.That(drawing.FindElements(By.CssSelector(".step"))[8].GetAttribute("class"), Does.Contain("diverging"));
        Assert.That(drawing.Text, Does.Contain("no model state explains this; allowed would have been:").And.Contain("stays queued until"));
        Assert.That(Text("#f2 blockquote"), Does.Contain("MSR_KVM_ASYNC_PF_ACK"));
        Assert.That(Find("#f4").Text, Does.Contain("Known deviation, expected here"));
        Assert.That(Find("#f4 svg").Text, Does.Contain("Guest vCPU 0").And.Contain("Guest vCPU 1").And.Contain("Hypervisor").And.Contain("Pager"));
        Assert.That(Find("#f5 svg").Text, Does.Contain("steps are not drawn"));
        Assert.That(Find("#f6").Text, Does.Contain("NULL pointer dereference").And.Contain("crashed or hung"));
    }

    [Test]
    public void Link_of_a_drawing_opens_its_row_even_when_filtered_out()
    {
        chromium.Open(HtmlReport.Render(SampleRuns.Mixed()));
        Find("#text").SendKeys("no such scenario");
        Find("#f2 a.to-row").Click();
        Assert.That(Find("#d2").Displayed);
        Assert.That(chromium.Page.SwitchTo().ActiveElement(), Is.EqualTo(Find("#s2 button")));
    }

    [Test]
    public void Thousand_scenarios_filter_and_open_within_the_drivers_time_out()
    {
        chromium.Open(HtmlReport.Render(SampleRuns.OfSize(1000)));
        Assert.That(VisibleRows(), Is.EqualTo(1000));
        Find("#text").SendKeys("random-77");
        Assert.That(VisibleRows(), Is.EqualTo(11));
        Find("#s777 button").Click();
        Assert.That(chromium.Number("return document.querySelectorAll('#d777 .steps tbody tr').length"), Is.GreaterThan(4));
        Assert.That(chromium.Complaints(), Is.Empty);
    }

    [Test]
    public void Phone_width_does_not_scroll_sideways()
    {
        chromium.Page.ExecuteCdpCommand("Emulation.setDeviceMetricsOverride",
            new() { ["width"] = 375, ["height"] = 800, ["deviceScaleFactor"] = 1, ["mobile"] = true });
        try
        {
            chromium.Open(HtmlReport.Render(SampleRuns.Mixed()));
            Find("#s2 button").Click();
            Assert.That(chromium.Number("return document.documentElement.scrollWidth"), Is.LessThanOrEqualTo(375));
        }
        finally
        {
            chromium.Page.ExecuteCdpCommand("Emulation.clearDeviceMetricsOverride", []);
        }
    }

    private IWebElement Find(string selector) => chromium.Page.FindElement(By.CssSelector(selector));

    private string Text(string selector) => Find(selector).Text;

    private long VisibleRows() => chromium.Number("return [...document.querySelectorAll('tr.scenario')].filter(r => r.offsetParent).length");
}
