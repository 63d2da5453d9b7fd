using HvLab.Reference.Models;
using HvLab.Reference.Models.Exploration;

namespace HvLab.Reference.Tests.Core.Exploration;

/// <summary>The explorer against a search that anybody can check, over graphs without meaning.</summary>
public sealed class ExplorerTests
{
    private static IEnumerable<TestCaseData> Graphs =>
        from seed in Enumerable.Range(0, 60)
        from workers in (int[])[1, 2, 3]
        select new TestCaseData(new RandomGraph(seed, nodes: 1 + (seed * 7), maxDegree: 1 + (seed % 4)), workers).SetArgDisplayNames($"graph {seed}", $"{workers} workers");

    [TestCaseSource(nameof(Graphs))]
    public void It_visits_exactly_what_can_be_reached(RandomGraph graph, int workers)
    {
        var explored = Explorer.Explore(graph, graph.Claims, new() { Workers = workers });
        var distances = graph.Distances();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(explored.Complete);
            Assert.That(explored.States, Is.EquivalentTo(distances.Keys));
            Assert.That(explored.Transitions, Is.EqualTo(graph.Transitions()));
            Assert.That(explored.Depth, Is.EqualTo(distances.Values.Max()));
        }
    }

    [TestCaseSource(nameof(Graphs))]
    public void A_counterexample_is_a_run_and_none_is_shorter(RandomGraph graph, int workers)
    {
        var explored = Explorer.Explore(graph, graph.Claims, new() { Workers = workers });
        var distances = graph.Distances();
        foreach (var claim in (string[])["never-bad", "no-step-into-bad"])
        {
            var finding = explored[claim];
            // A step into the start is possible later than the start itself.
            int? shortest = claim == "never-bad" || graph.Bad != 0
                ? distances.TryGetValue(graph.Bad, out var distance) ? distance : null
                : distances.Where(node => Steps(graph, node.Key).Contains(0)).Select(node => (int?)node.Value + 1).Min();
            Assert.That(finding.Verdict, Is.EqualTo(shortest is null ? ClaimVerdict.Holds : ClaimVerdict.Broken), claim);
            Assert.That(finding.Counterexample?.Count, Is.EqualTo(shortest), claim);
            AssertIsRun(graph, finding.Counterexample, graph.Bad);
        }
    }

    [TestCaseSource(nameof(Graphs))]
    public void A_sleeper_that_no_fair_step_can_wake_is_found_nearest_to_the_start(RandomGraph graph, int workers)
    {
        var finding = Explorer.Explore(graph, graph.Claims, new() { Workers = workers })["wakes"];
        var distances = graph.Distances();
        var asleep = graph.AsleepForEver();
        int? shortest = asleep.Count == 0 ? null : asleep.Min(node => distances[node]);
        Assert.That(finding.Counterexample?.Count, Is.EqualTo(shortest));
        if (finding.Counterexample is { } run)
            Assert.That(asleep, Does.Contain(run.Count == 0 ? 0 : run[^1].To));
    }

    [Test]
    public void With_one_worker_states_come_in_breadth_first_order()
    {
        var graph = new RandomGraph(seed: 5, nodes: 400, maxDegree: 3);
        var distances = graph.Distances();
        Assert.That(Explorer.Explore(graph, []).States.Select(state => distances[state]), Is.Ordered);
    }

    [Test]
    public void What_was_not_finished_proves_nothing()
    {
        var line = new Line(1_000_000);
        var explored = Explorer.Explore(line, line.Claims, new() { MaxStates = 40_000 });
        using (Assert.EnterMultipleScope())
        {
            Assert.That(explored.Complete, Is.False);
            Assert.That(explored["stays-below-30000"].Verdict, Is.EqualTo(ClaimVerdict.Broken));
            Assert.That(explored["stays-below-the-end"].Verdict, Is.EqualTo(ClaimVerdict.Undecided));
            Assert.That(explored["arrives"].Verdict, Is.EqualTo(ClaimVerdict.Undecided));
        }
    }

    [TestCase(1)]
    [TestCase(2)]
    public void Memory_stays_within_its_bound(int workers)
    {
        var line = new Line(int.MaxValue);
        var explored = Explorer.Explore(line, [], new() { MaxBytes = 8 << 20, Workers = workers });
        using (Assert.EnterMultipleScope())
        {
            Assert.That(explored.Complete, Is.False);
            Assert.That(explored.Bytes, Is.LessThanOrEqualTo(8 << 20).And.GreaterThan(2 << 20));
        }
    }

    [Test]
    public void A_cancelled_exploration_ends()
    {
        using var cancellation = new CancellationTokenSource();
        var told = new Watching(progress => cancellation.Cancel());
        Assert.That(() => Explorer.Explore(new Line(int.MaxValue), [], new() { Cancellation = cancellation.Token, Progress = told, ProgressEvery = TimeSpan.Zero }),
            Throws.InstanceOf<OperationCanceledException>());
    }

    private static void AssertIsRun(RandomGraph graph, IReadOnlyList<Move<int, int>>? run, int end)
    {
        var at = graph.Start;
        foreach (var move in run ?? [])
        {
            Assert.That(move.From, Is.EqualTo(at));
            Assert.That(Steps(graph, at)[move.Step], Is.EqualTo(move.To));
            at = move.To;
        }
        if (run is not null)
            Assert.That(at, Is.EqualTo(end));
    }

    private static int[] Steps(RandomGraph graph, int node)
    {
        var next = new Successors<int, int>();
        graph.Next(node, next);
        return [.. next.States];
    }

    private sealed class Watching(Action<ExplorationProgress> act) : IProgress<ExplorationProgress>
    {
        public void Report(ExplorationProgress value) => act(value);
    }

    /// <summary>Steps to the right, two ways to take each: wide levels come at once.</summary>
    private sealed class Line(int length) : ISystem<int, int>
    {
        public int Start => 1;
        public IReadOnlyList<Claim<int, int>> Claims =>
        [
            new Always<int, int>("stays-below-30000", new("", ""), state => state < 30_000),
            new Always<int, int>("stays-below-the-end", new("", ""), state => state < length),
            new Wakes<int, int>("arrives", new("", ""), 1, (state, _) => state < length / 2, (_, _) => true),
        ];

        public void Next(int state, Successors<int, int> next)
        {
            if (state >= length / 2)
                return;
            next.Add(0, state * 2);
            next.Add(1, (state * 2) + 1);
        }

        public StepText Tell(int from, int step, int to) => new("line", $"goes to {to}", []);
    }
}
