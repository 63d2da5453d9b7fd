using System.Text.Json;
using HvLab.Harness.Cli;

namespace HvLab.Harness.Tests.Cli;

public sealed class ExploreCommandTests
{
    [Test]
    public async Task A_design_is_shown_with_the_steps_that_break_it()
    {
        using var terminal = new Terminal();
        Assert.That(await terminal.RunAsync("explore p2m-wait-queue --design same-pcpu"), Is.Zero);
        Assert.That(terminal.Output.ToString(), Does.Contain("sleeper-wakes").And.Contain("broken, shortest run 6 steps")
            .And.Contain(" 6. vcpu 1 enters Xen on pcpu 0").And.Contain("outer lock: held by vcpu 0"));
    }

    [Test]
    public async Task Without_a_design_the_first_one_is_explored()
    {
        using var terminal = new Terminal();
        Assert.That(await terminal.RunAsync("explore p2m-wait-queue --json"), Is.Zero);
        Assert.That(JsonDocument.Parse(terminal.Output.ToString()).RootElement.GetProperty("design").GetString(), Is.EqualTo("five-properties"));
    }

    [Test]
    public async Task Json_has_states_transitions_and_for_each_property_holds_or_the_steps()
    {
        using var terminal = new Terminal();
        Assert.That(await terminal.RunAsync("explore p2m-wait-queue --design no-page-ref --json"), Is.Zero);
        var root = JsonDocument.Parse(terminal.Output.ToString()).RootElement;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(root.GetProperty("states").GetInt64(), Is.GreaterThan(1000));
            Assert.That(root.GetProperty("transitions").GetInt64(), Is.GreaterThan(root.GetProperty("states").GetInt64()));
            Assert.That(root.GetProperty("complete").GetBoolean());
            foreach (var property in root.GetProperty("properties").EnumerateArray())
            {
                var holds = property.GetProperty("holds").GetBoolean();
                Assert.That(property.GetProperty("verdict").GetString(), Is.EqualTo(holds ? "holds" : "broken"));
                Assert.That(property.TryGetProperty("counterexample", out var steps), Is.EqualTo(!holds));
                Assert.That(property.GetProperty("name").GetString() == "mfn-stays", Is.EqualTo(!holds));
                if (!holds)
                    Assert.That(steps[0].GetProperty("actor").GetString(), Is.Not.Empty);
            }
        }
    }

    [Test]
    public async Task All_designs_of_a_model_make_a_table_of_designs_against_properties()
    {
        using var terminal = new Terminal();
        Assert.That(await terminal.RunAsync("explore preemption --all"), Is.Zero);
        Assert.That(terminal.Output.ToString(), Does.Match(@"both +15,075( +·){10} +proven within the bounds").And.Match(@"fault skips-one +[\d,]+ +✗ 18"));
    }

    [Test]
    public async Task What_does_not_fit_into_memory_is_undecided_and_125()
    {
        using var terminal = new Terminal();
        Assert.That(await terminal.RunAsync("explore pv-mmu-queue --design condvar --memory 1 --json"), Is.EqualTo(ExitCode.Unknown));
        var root = JsonDocument.Parse(terminal.Output.ToString()).RootElement;
        Assert.That(root.GetProperty("complete").GetBoolean(), Is.False);
        Assert.That(root.GetProperty("properties")[0].GetProperty("holds").ValueKind, Is.EqualTo(JsonValueKind.Null));
    }

    [Test]
    public async Task Drawings_go_where_they_are_asked_for()
    {
        using var terminal = new Terminal();
        Assert.That(await terminal.RunAsync("explore p2m-wait-queue --design same-pcpu --out drawn"), Is.Zero);
        Assert.That(Directory.EnumerateFiles(Path.Combine(terminal.Directory, "drawn")).Select(Path.GetFileName), Is.EquivalentTo((string[])
        [
            "explore.json", "explore.html", "p2m-wait-queue-same-pcpu-sleeper-wakes.svg", "p2m-wait-queue-same-pcpu-destruction-ends.svg",
            "p2m-wait-queue-same-pcpu-no-pinned-pcpu.svg",
        ]));
    }

    [TestCase("explore", "name a model, or say --all")]
    [TestCase("explore p2m", "There is no model 'p2m'")]
    [TestCase("explore preemption --design none", "preemption has no design 'none'")]
    [TestCase("explore preemption --bounds extents=9", "must be from 1 to 4")]
    [TestCase("explore preemption --bounds extents", "must be NAME=NUMBER")]
    [TestCase("explore --all --bounds extents=2", "--bounds is for one model")]
    [TestCase("explore preemption --all --design both", "--design is for one model, without --all")]
    [TestCase("explore preemption --workers 0", "--workers 0: must be a whole number")]
    [TestCase("explore preemption --reduce luck", "--reduce luck")]
    public async Task Bad_usage_is_2_and_says_what_is_wrong(string line, string expected)
    {
        using var terminal = new Terminal();
        Assert.That(await terminal.RunAsync(line), Is.EqualTo(ExitCode.Usage));
        Assert.That(terminal.Error.ToString(), Does.Contain(expected));
        Assert.That(terminal.Output.ToString(), Is.Empty);
    }
}
