using System.Text.RegularExpressions;
using System.Xml;
using FsCheck;
using FsCheck.Fluent;
using HvLab.Harness.Lab.Results;
using HvLab.Harness.Reports.Html;
using HvLab.Harness.Reports.Html.Drawing;
using HvLab.Harness.Reports.Json;
using HvLab.Harness.Reports.JUnit;
using HvLab.Harness.Reports.Terminal;
using HvLab.Harness.Reports.Text;

namespace HvLab.Harness.Tests.Reports;

/// <summary>Text that a guest, a host or a user controls is only ever text, in every format.</summary>
[TestFixture]
internal sealed class InjectionTests
{
    private static readonly string[] Attacks =
    [
        "</script><script>window.injected=1</script>", "<svg onload=window.injected=1>", "<img src=x onerror=window.injected=1>",
        "\" onmouseover=\"window.injected=1", "' onfocus='window.injected=1' autofocus='", "</title></style></svg></table><h1>injected</h1>",
        "<!--", "]]>", "<![CDATA[", "&lt;b&gt;&amp;&#60;", "<iframe srcdoc='<script>top.injected=1</script>'>", "javascript:window.injected=1",
        "\u202eevil\u202c\u2066x\u2069\u200f", "\0\u0001\u0007\b\u001b[31mred\u001b]0;title\u0007\u009b2J", "\ud800", "\udc00x", "\ufffe\uffff\ufdd0",
        "\r\n\tline\u2028\u2029", "😀\u0301\u200d", "{{constructor.constructor('window.injected=1')()}}", "${window.injected=1}", new('W', 5000), "<" , "",
    ];

    private static Arbitrary<string> Nasty { get; } = Gen
        .OneOf(Gen.Elements(Attacks), ArbMap.Default.GeneratorFor<string>().Select(s => s ?? ""), Gen.Choose(0, 0xffff).Select(c => ((char)c).ToString()))
        .ListOf().Select(parts => string.Concat(parts.Take(6))).ToArbitrary();

    [Test]
    public void Nothing_that_is_obeyed_survives_in_visible_text() => Check(text =>
    {
        foreach (var shown in new[] { VisibleText.Line(text), VisibleText.Block(text).Replace("\n", "", StringComparison.Ordinal).Replace("\t", "", StringComparison.Ordinal) })
            Assert.That(Obeyed(shown), Is.False, shown);
    });

    [Test]
    public void Each_obeyed_character_is_shown_and_none_dropped()
    {
        Assert.That(VisibleText.Line("a\u001b[31m\0\u007f\u009b\u202e\ud800\n\u200b"), Is.EqualTo("a␛[31m␀␡⟨U+009B⟩⟨U+202E⟩⟨U+D800⟩␊⟨U+200B⟩"));
        Assert.That(VisibleText.Block("a\r\nb\rc\t"), Is.EqualTo("a\nb␍c\t"));
        Assert.That(VisibleText.Line("abcdef", 4), Is.EqualTo("abcd… (2 more characters)"));
    }

    [Test]
    public void Terminal_text_has_no_control_characters_but_line_ends() => Check(text =>
    {
        var run = SampleRuns.Hostile(text);
        foreach (var shown in run.Scenarios.Select(DivergenceText.Render).Concat(TerminalSummary.Lines(run)))
            Assert.That(Obeyed(shown.Replace("\n", "", StringComparison.Ordinal).Replace("\t", "", StringComparison.Ordinal)), Is.False);
        Assert.That(TerminalSummary.Lines(run), Has.None.Contains("\n"));
    });

    [Test]
    public void JUnit_is_well_formed_and_its_elements_do_not_depend_on_the_text()
    {
        var expected = Elements(JUnitXml.Render(SampleRuns.Hostile("plain")));
        Check(text => Assert.That(Elements(JUnitXml.Render(SampleRuns.Hostile(text))), Is.EqualTo(expected)), runs: 150);
    }

    [Test]
    public void Standalone_drawing_is_well_formed_xml_and_draws_only_its_own_elements() => Check(text =>
    {
        foreach (var scenario in SampleRuns.Hostile(text).Scenarios)
            Assert.That(Elements(SwimlaneSvg.Render(scenario, new() { Standalone = true, Rules = true, Title = text })).Distinct(),
                Is.SubsetOf(new[] { "svg", "style", "rect", "line", "text", "g", "title", "polygon", "path" }));
    }, runs: 150);

    [Test]
    public void Page_has_the_same_tags_and_the_same_scripts_whatever_the_text()
    {
        static string[] Tags(string page) => [.. Regex.Matches(page, "<(script|style|meta|link|h1|iframe|img|object|form|a)\\b").Select(m => m.Value)];
        var expected = Tags(HtmlReport.Render(SampleRuns.Hostile("plain")));
        Check(text => Assert.That(Tags(HtmlReport.Render(SampleRuns.Hostile(text))), Is.EqualTo(expected)), runs: 60);
    }

    [Test]
    public void Json_round_trips_every_text_that_is_valid_unicode() => Check(text =>
    {
        using var scratch = new Scratch();
        var valid = System.Text.Encoding.UTF8.GetString(System.Text.Encoding.UTF8.GetBytes(text));
        var scenario = SampleRuns.Hostile(text).Scenarios[0];
        using (var run = RunDirectory.Create(new([text], 0, [text], 1), scratch.Path, TimeProvider.System))
        {
            run.Add(scenario);
            Assert.That(RunDirectory.Load(run.Path).Scenarios[0].Id, Is.EqualTo(valid));
        }
        var loaded = RunDirectory.Load(Directory.GetDirectories(scratch.Path)[0]).Scenarios[0];
        Assert.That(new[] { loaded.Id, loaded.Claim, loaded.Detail, loaded.Divergence!.Seen, loaded.Trace[1].Seen }, Is.All.EqualTo(valid));
    }, runs: 60);

    [Test]
    public async Task Attacks_stay_text_in_chromium()
    {
        using var chromium = await ChromiumFixture.StartAsync();
        var attacks = Attacks.Append(string.Concat(Attacks)).Concat(Nasty.Generator.Sample(12)).ToList();
        foreach (var text in attacks)
        {
            chromium.Open(HtmlReport.Render(SampleRuns.Hostile(text)));
            chromium.Script("for (const button of document.querySelectorAll('tr.scenario button')) button.click()");
            Assert.That(chromium.Complaints(), Is.Empty, text);
            Assert.That(chromium.Requests(), Is.All.StartsWith("file:///"), text);
            Assert.That(chromium.Script("return window.injected ?? null"), Is.Null, text);
            Assert.That(chromium.Script(
                "return [document.scripts.length, document.images.length, document.querySelectorAll('iframe,object,embed,h1').length, "
                + "document.querySelectorAll('.steps tbody tr').length, document.querySelectorAll('tr.scenario').length].join()"),
                Is.EqualTo("2,0,1,6,3"), text);
            Assert.That(chromium.Number(
                "return [...document.querySelectorAll('*')].flatMap(e => [...e.attributes]).filter(a => a.name.startsWith('on') || a.name === 'style').length"),
                Is.Zero, text);
            if (text.Length is > 0 and < 400)
                Assert.That(chromium.Script("return document.querySelector('#d0 .steps tbody td:nth-child(5)').textContent"), Is.EqualTo(VisibleText.Line(text, 500)));
        }
    }

    private static bool Obeyed(string shown)
    {
        for (var i = 0; i < shown.Length; i++)
        {
            if (char.IsSurrogatePair(shown, i) && i + 1 < shown.Length)
            {
                i++;
                continue;
            }
            if (char.IsControl(shown[i]) || char.IsSurrogate(shown[i])
                || char.GetUnicodeCategory(shown[i]) is System.Globalization.UnicodeCategory.Format or System.Globalization.UnicodeCategory.LineSeparator)
                return true;
        }
        return false;
    }

    private static List<string> Elements(string xml)
    {
        using var reader = XmlReader.Create(new StringReader(xml), new() { DtdProcessing = DtdProcessing.Prohibit, CheckCharacters = true });
        var names = new List<string>();
        while (reader.Read())
            if (reader.NodeType == XmlNodeType.Element)
                names.Add(reader.Name);
        return names;
    }

    private static void Check(Action<string> claim, int runs = 400)
    {
        foreach (var attack in Attacks)
            claim(attack);
        Prop.ForAll(Nasty, claim).Check(Config.QuickThrowOnFailure.WithMaxTest(runs).WithQuietOnSuccess(true));
    }

    private sealed class Scratch : IDisposable
    {
        public string Path { get; } = Directory.CreateTempSubdirectory("hvlab-json-").FullName;

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }
}
