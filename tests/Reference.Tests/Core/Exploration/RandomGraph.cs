using HvLab.Reference.Models;
using HvLab.Reference.Models.Exploration;

namespace HvLab.Reference.Tests.Core.Exploration;

/// <summary>A graph without meaning: what is true of it, anybody can compute.</summary>
public sealed class RandomGraph : ISystem<int, int>
{
    private readonly int[][] _edges;

    public RandomGraph(int seed, int nodes, int maxDegree)
    {
        var random = new Random(seed);
        _edges = [.. Enumerable.Range(0, nodes).Select(_ => Enumerable.Range(0, random.Next(maxDegree + 1)).Select(_ => random.Next(nodes)).ToArray())];
        Bad = random.Next(nodes);
        Sleeping = [.. Enumerable.Range(0, nodes).Where(_ => random.Next(3) > 0)];
    }

    public int Start => 0;
    public int Bad { get; }
    public HashSet<int> Sleeping { get; }

    public void Next(int state, Successors<int, int> next)
    {
        for (var edge = 0; edge < _edges[state].Length; edge++)
            next.Add(edge, _edges[state][edge]);
    }

    public StepText Tell(int from, int step, int to) => new("graph", $"goes from {from} to {to}", []);

    // Every other edge is fair.
    public static bool IsFair(int from, int edge) => (from + edge) % 2 == 0;

    public IReadOnlyList<Claim<int, int>> Claims =>
    [
        new Always<int, int>("never-bad", new("", ""), state => state != Bad),
        new EachStep<int, int>("no-step-into-bad", new("", ""), (_, _, to) => to != Bad),
        new Wakes<int, int>("wakes", new("", ""), 1, (state, _) => Sleeping.Contains(state), IsFair),
    ];

    /// <summary>Steps from the start, by node that can be reached.</summary>
    public Dictionary<int, int> Distances()
    {
        var distances = new Dictionary<int, int> { [0] = 0 };
        var todo = new Queue<int>([0]);
        while (todo.TryDequeue(out var at))
            foreach (var to in _edges[at])
                if (distances.TryAdd(to, distances[at] + 1))
                    todo.Enqueue(to);
        return distances;
    }

    public int Transitions() => Distances().Keys.Sum(node => _edges[node].Length);

    /// <summary>Reachable nodes from which fair edges lead to no node that is awake.</summary>
    public HashSet<int> AsleepForEver() => [.. Distances().Keys.Where(node => !CanWake(node, []))];

    private bool CanWake(int node, HashSet<int> seen) =>
        !Sleeping.Contains(node)
        || (seen.Add(node) && _edges[node].Index().Any(edge => IsFair(node, edge.Index) && CanWake(edge.Item, seen)));
}
