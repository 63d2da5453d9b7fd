using HvLab.Reference.Models.Exploration;

namespace HvLab.Reference.Models;

/// <summary>One step of a model: what exploration visits and properties judge.</summary>
public readonly record struct Transition<TState, TOp, TSeen>(TState From, TOp Operation, TSeen Seen, TState To);

/// <summary>Everything reachable within the bounds of an exploration.</summary>
/// <param name="Transitions">How many (operation, answer) pairs were followed, repeats included.</param>
public sealed record Space<TState>(IReadOnlyCollection<TState> States, int Transitions);

/// <summary>The <see cref="Explorer"/> over a conformance model, for whoever wants to look at each transition.</summary>
public static class StateSpace
{
    /// <param name="visit">Called for each transition, breadth first; an answer that the machine chooses is represented by its example.</param>
    /// <exception cref="InvalidOperationException">There are more than <paramref name="maxStates"/>.</exception>
    public static Space<TState> Explore<TState, TOp, TSeen>(
        TState start, IReadOnlyList<TOp> operations, Func<TOp, TState, Allowed<TState, TSeen>> apply,
        Action<Transition<TState, TOp, TSeen>>? visit = null, int maxStates = 2_000_000)
        where TState : class, IEquatable<TState>
    {
        ArgumentNullException.ThrowIfNull(operations);
        ArgumentNullException.ThrowIfNull(apply);
        var looks = new EachStep<TState, (TOp Operation, TSeen Seen)>("visited", new("", ""), (from, step, to) =>
        {
            visit?.Invoke(new(from, step.Operation, step.Seen, to));
            return true;
        });
        var explored = Explorer.Explore(new AllowedSystem<TState, TOp, TSeen>(start, operations, apply),
            visit is null ? [] : [looks], new() { MaxStates = maxStates });
        return explored.Complete && explored.States.Count <= maxStates
            ? new(explored.States, checked((int)explored.Transitions))
            : throw new InvalidOperationException($"More than {maxStates} states: tighten the bounds of this exploration.");
    }
}
