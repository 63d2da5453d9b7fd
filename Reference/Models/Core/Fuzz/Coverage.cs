using HvLab.Reference.Models.Exploration;

namespace HvLab.Reference.Models.Fuzz;

/// <summary>Abstract steps that machines were seen to take, against those that exploration finds.</summary>
public sealed class Coverage<TState, TOp, TSeen>(FuzzSubject<TState, TOp, TSeen> subject)
    where TState : class, IEquatable<TState> where TOp : class where TSeen : class
{
    private readonly Dictionary<AbstractStep, long> _visited = [];

    public IReadOnlyDictionary<AbstractStep, long> Visited => _visited;

    public void Add(Transition<TState, TOp, TSeen> step)
    {
        var visited = Abstract(step);
        _visited[visited] = _visited.GetValueOrDefault(visited) + 1;
    }

    /// <summary>Compares with everything that exploration finds within the subject's bounds.</summary>
    /// <param name="maxStates">Where there are more, the figure says that it is of a part.</param>
    public CoverageReport Report(int maxStates, CancellationToken cancellation)
    {
        var found = new HashSet<AbstractStep>();
        var (start, operations) = subject.Bounded;
        var system = new AllowedSystem<TState, TOp, TSeen>(start, operations, subject.Apply);
        var looks = new EachStep<TState, (TOp Operation, TSeen Seen)>("visited", new("", ""), (from, step, to) =>
        {
            found.Add(Abstract(new(from, step.Operation, step.Seen, to)));
            return true;
        });
        var explored = Explorer.Explore(system, [looks], new() { MaxStates = maxStates, Cancellation = cancellation });
        return new(found.Count(_visited.ContainsKey), found.Count, _visited.Count(visited => !found.Contains(visited.Key)),
            explored.States.Count, explored.Complete, subject.BoundedTo,
            [.. found.Where(step => !_visited.ContainsKey(step)).OrderBy(step => step.Operation, StringComparer.Ordinal).ThenBy(step => step.From, StringComparer.Ordinal)]);
    }

    private AbstractStep Abstract(Transition<TState, TOp, TSeen> step) =>
        new(subject.ShapeOf(step.From, step.Operation), subject.KindOf(step.Operation), subject.KindOf(step.Seen));
}

/// <summary>How much of a model a campaign saw.</summary>
/// <param name="Visited">Abstract steps that exploration found and the machine took.</param>
/// <param name="Explored">All that exploration found.</param>
/// <param name="Beyond">Taken by the machine, outside of exploration's bounds.</param>
/// <param name="States">Of the model, visited by exploration.</param>
/// <param name="Complete">Exploration visited everything within its bounds.</param>
public sealed record CoverageReport(int Visited, int Explored, int Beyond, long States, bool Complete, string Bounds, IReadOnlyList<AbstractStep> Missing);
