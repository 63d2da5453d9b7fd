using System.Text;
using System.Text.Json;
using HvLab.Harness.Cli;
using HvLab.Harness.Reports.Json;
using HvLab.Harness.Scenarios;
using HvLab.Harness.Scenarios.Fuzz;

namespace HvLab.Harness.Tests.Cli;

/// <summary>Everything of 'fuzz', and of replaying what it wrote, that needs no box.</summary>
public sealed class FuzzCommandTests
{
    [TestCase("fuzz no-such-suite", "SUITE no-such-suite")]
    [TestCase("fuzz xen", "random plans are of one subsystem")]
    [TestCase("fuzz kvm-async-pf --for soon", "--for soon")]
    [TestCase("fuzz kvm-async-pf --operations 0", "--operations 0")]
    [TestCase("fuzz kvm-async-pf --plans many", "--plans many")]
    [TestCase("fuzz", "SUITE")]
    public async Task Bad_usage_is_told_and_boots_nothing(string line, string words)
    {
        using var terminal = new Terminal();
        Assert.That(await terminal.RunAsync(line), Is.EqualTo(ExitCode.Usage));
        Assert.That(terminal.Error.ToString() + terminal.Output, Does.Contain(words));
    }

    [TestCase("{", "could not be read as a scenario file")]
    [TestCase("null", "nothing but null")]
    [TestCase("{\"format\": 1}", "could not be read as a scenario file")]
    public async Task What_is_no_scenario_file_is_not_replayed(string text, string words)
    {
        using var terminal = new Terminal();
        terminal.Write("found.json", Encoding.UTF8.GetBytes(text));
        Assert.That(await terminal.RunAsync("replay found.json"), Is.EqualTo(ExitCode.Usage));
        Assert.That(terminal.Error.ToString(), Does.Contain(words));
    }

    [TestCase("no-such-subsystem", "{}", "there is no subsystem")]
    [TestCase("kvm-async-pf", "{\"Vcpus\": \"many\"}", "its plan is none of kvm-async-pf")]
    public async Task A_scenario_file_of_something_else_is_told(string subsystem, string plan, string words)
    {
        using var terminal = new Terminal();
        FuzzFile.Write(Path.Combine(terminal.Directory, "found.json"), File(subsystem, JsonDocument.Parse(plan).RootElement));
        Assert.That(await terminal.RunAsync("replay found.json"), Is.EqualTo(ExitCode.Usage));
        Assert.That(terminal.Error.ToString(), Does.Contain(words));
    }

    [Test]
    public async Task A_scenario_file_takes_no_scenario_besides()
    {
        using var terminal = new Terminal();
        terminal.Write("found.json", "{}"u8.ToArray());
        Assert.That(await terminal.RunAsync("replay found.json kvm-async-pf/x"), Is.EqualTo(ExitCode.Usage));
        Assert.That(terminal.Error.ToString(), Does.Contain("A scenario file is one scenario"));
    }

    private static IEnumerable<IFuzzTarget> Targets => FuzzTargets.All;

    [TestCaseSource(nameof(Targets))]
    public void A_plan_is_the_same_when_it_comes_back_from_its_file(IFuzzTarget target)
    {
        using var terminal = new Terminal();
        var path = Path.Combine(terminal.Directory, "found.json");
        foreach (var plan in target.Plans(seed: 3, operations: 30, count: 5))
        {
            FuzzFile.Write(path, File(target.Subsystem, plan.Plan()));
            var file = FuzzFile.ReadScenario(path);
            var again = target.Read(file.Name, file.Claim, file.Plan);
            using (Assert.EnterMultipleScope())
            {
                Assert.That(JsonElement.DeepEquals(again.Plan(), plan.Plan()));
                Assert.That(again.Id, Is.EqualTo($"{target.Subsystem}/found"));
                Assert.That(again.Needs.ToString(), Is.EqualTo(plan.Needs.ToString()));
            }
        }
    }

    [TestCaseSource(nameof(Targets))]
    public void Every_subsystem_that_is_fuzzed_has_scenarios_and_a_suite(IFuzzTarget target)
    {
        using var terminal = new Terminal();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Catalog.All.Select(scenario => scenario.Subsystem), Does.Contain(target.Subsystem));
            Assert.That(terminal.Session.LoadLab([]).Suites.Values.SelectMany(suite => suite.Scenarios), Does.Contain($"{target.Subsystem}/*"));
            // A quirk that names no scenario would never be known.
            Assert.That(target.Quirks.Select(quirk => quirk.Scenario), Is.SubsetOf(Catalog.All.Select(scenario => scenario.Id)));
        }
    }

    // findings: A always, S sometimes, N never again, L the lab's
    [TestCase("", 10, false, 0)]
    [TestCase("A", 10, false, 1)]
    [TestCase("S", 10, false, 1)]
    [TestCase("A", 10, true, 1)]
    [TestCase("N", 10, false, 125)]
    [TestCase("L", 10, false, 125)]
    [TestCase("NA", 10, false, 1)]
    [TestCase("", 10, true, 125)]
    [TestCase("", 0, false, 125)]
    public void The_exit_code_follows_from_the_findings(string findings, int plans, bool trouble, int expected)
    {
        var document = new FuzzDocument("kvm-async-pf", "kvm-6.1", 1, 20, plans, plans * 20, 1, 50, false, trouble ? "the box died" : null,
            [.. findings.Select(letter => Finding(letter switch { 'A' => 5, 'S' => 2, 'L' => 5, _ => 0 }, letter != 'L'))], new Dictionary<string, int>(), null, []);
        Assert.That(ExitCode.Of(document), Is.EqualTo(expected));
    }

    private static FuzzFindingDocument Finding(int times, bool ofTheHypervisor) =>
        new("fuzz-1-1", "findings/fuzz-1-1.json", "touch", "spinning", "off", "always", times, 5, ofTheHypervisor, 3, 20, 1, 1, true, 1, 10);

    private static ScenarioFileDocument File(string subsystem, JsonElement plan) =>
        new(ScenarioFileDocument.CurrentFormat, "found", subsystem, "A claim.", "kvm-6.1", "how", "always (5 of 5)", [], [], [], null, plan);
}
