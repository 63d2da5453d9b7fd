using HvLab.Reference.Models.Exploration;

namespace HvLab.Reference.Models.Fuzz;

/// <summary>Abstract steps that machines were seen to take, against those that exploration finds.</summary>
public sealed class Coverage<TState, TOp, TSeen>(FuzzSubject<TState, TOp, TSeen> subject)
    where TState : class, IEquatable<TState> where TOp : class where TSeen : class
{
    private readonly Dictionary<AbstractStep, long> _visited = [];
    private readonly Dictionary<(string Operation, string Seen), (int Count, TimeSpan Took)> _took = [];

    public IReadOnlyDictionary<AbstractStep, long> Visited => _visited;

    public void Add(Transition<TState, TOp, TSeen> step)
    {
        if (subject.IsRefusal(step.Seen))
            return;
        var visited = Abstract(step);
        _visited[visited] = _visited.GetValueOrDefault(visited) + 1;
    }

    /// <summary>What took longest, all in all: kinds of operation and answer, with how often and how long.</summary>
    public IReadOnlyList<(string Operation, string Seen, int Count, TimeSpan Took)> Slowest(int most) =>
        [.. _took.OrderByDescending(one => one.Value.Took).Take(most).Select(one => (one.Key.Operation, one.Key.Seen, one.Value.Count, one.Value.Took))];

    public void Time(Event<TOp, TSeen> seen)
    {
        var key = (subject.KindOf(seen.Operation), subject.KindOf(seen.Seen));
        var (count, took) = _took.GetValueOrDefault(key);
        _took[key] = (count + 1, took + seen.Took);
    }

    /// <summary>Compares with everything that exploration finds within the subject's bounds.</summary>
    /// <param name="maxStates">Where there are more, the figure says that it is of a part.</param>
    public CoverageReport Report(int maxStates, CancellationToken cancellation)
    {
        var found = new HashSet<AbstractStep>();
        var (start, operations) = subject.Bounded;
        var system = new AllowedSystem<TState, TOp, TSeen>(start, operations,
            (operation, state) => subject.IsInScope(operation, state) ? subject.Apply(operation, state) : Allowed<TState, TSeen>.None);
        var looks = new EachStep<TState, (TOp Operation, TSeen Seen)>("visited", new("", ""), (from, step, to) =>
        {
            if (!subject.IsRefusal(step.Seen))
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
