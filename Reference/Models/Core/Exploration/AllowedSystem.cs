namespace HvLab.Reference.Models.Exploration;

/// <summary>A conformance model within bounds, as a system: each step is one operation with one of the answers that the model allows.</summary>
/// <param name="operations">What may be asked in every state; a model refuses what makes no sense by allowing nothing.</param>
public sealed class AllowedSystem<TState, TOp, TSeen>(
    TState start, IReadOnlyList<TOp> operations, Func<TOp, TState, Allowed<TState, TSeen>> apply)
    : ISystem<TState, (TOp Operation, TSeen Seen)> where TState : class, IEquatable<TState>
{
    public TState Start => start;

    /// <remarks>An answer that the machine chooses is represented by its example.</remarks>
    public void Next(TState state, Successors<TState, (TOp Operation, TSeen Seen)> next)
    {
        ArgumentNullException.ThrowIfNull(next);
        foreach (var operation in operations)
            foreach (ref readonly var alternative in apply(operation, state).Alternatives)
            {
                var (example, then) = alternative;
                next.Add((operation, example), then);
            }
    }

    public StepText Tell(TState from, (TOp Operation, TSeen Seen) step, TState to) =>
        new("the harness", $"{step.Operation}", [new("the hypervisor", $"{step.Seen}")], "the hypervisor");

    /// <summary>A property of the model as a claim about this system.</summary>
    public static Claim<TState, (TOp Operation, TSeen Seen)> Claim(Property<TState, TOp, TSeen> property)
    {
        ArgumentNullException.ThrowIfNull(property);
        return new EachStep<TState, (TOp Operation, TSeen Seen)>(property.Name, property.Rule,
            (from, step, to) => property.Holds(new(from, step.Operation, step.Seen, to)));
    }
}
