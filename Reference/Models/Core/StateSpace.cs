namespace HvLab.Reference.Models;

/// <summary>One step of a model: what exploration visits and properties judge.</summary>
public readonly record struct Transition<TState, TOp, TSeen>(TState From, TOp Operation, TSeen Seen, TState To);

/// <summary>Everything reachable within the bounds of an exploration.</summary>
/// <param name="Transitions">How many (operation, answer) pairs were followed, repeats included.</param>
public sealed record Space<TState>(IReadOnlyCollection<TState> States, int Transitions);

/// <summary>Visits every reachable state, breadth first, so that the first counterexample is a shortest one.</summary>
public static class StateSpace
{
    /// <param name="visit">Called for each transition; an answer that the machine chooses is represented by its example.</param>
    public static Space<TState> Explore<TState, TOp, TSeen>(
        TState start, IReadOnlyList<TOp> operations, Func<TOp, TState, Allowed<TState, TSeen>> apply,
        Action<Transition<TState, TOp, TSeen>>? visit = null, int maxStates = 2_000_000)
        where TState : class
    {
        ArgumentNullException.ThrowIfNull(operations);
        ArgumentNullException.ThrowIfNull(apply);
        var seen = new HashSet<TState> { start };
        var todo = new Queue<TState>([start]);
        var transitions = 0;
        while (todo.TryDequeue(out var state))
            foreach (var operation in operations)
                foreach (ref readonly var step in apply(operation, state).Alternatives)
                {
                    var (example, then) = step;
                    transitions++;
                    visit?.Invoke(new(state, operation, example, then));
                    if (!seen.Add(then))
                        continue;
                    if (seen.Count > maxStates)
                        throw new InvalidOperationException($"More than {maxStates} states: tighten the bounds of this exploration.");
                    todo.Enqueue(then);
                }
        return new(seen, transitions);
    }
}
