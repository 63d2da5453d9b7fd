using HvLab.Reference.Models.Exploration;

namespace HvLab.Reference.Models.Fuzz;

/// <summary>What a plan may ask of a system that no probe drives: one actor's next step, without what it brings.</summary>
/// <param name="What">The step in words, its chances left out.</param>
public sealed record AskedStep(string What)
{
    public override string ToString() => What;
}

/// <summary>What comes of an asked step: nothing where it is not possible then, else what can be seen of it.</summary>
public sealed record StepSeen(bool Possible, string What)
{
    public override string ToString() => Possible ? What : "not possible now";
}

/// <summary>A state of a system as plans need it: a reference.</summary>
public sealed record Boxed<TState>(TState State) where TState : notnull, IEquatable<TState>;

/// <summary>
/// A design of a model, as plans see it: the design that is sound says which steps are possible in which order, and what each
/// brings. A machine that is another design does something else sooner or later.
/// </summary>
/// <param name="operations">Every step that may be asked for.</param>
/// <param name="ask">A step without what it brings: the operation that it answers.</param>
/// <param name="see">What can be seen of a step and the state after it.</param>
/// <param name="shape">Abstract states.</param>
public sealed class DesignSubject<TState, TStep>(
    string name, ISystem<TState, TStep> system, IReadOnlyList<Choice<AskedStep>> operations,
    Func<TStep, AskedStep> ask, Func<TStep, TState, string> see, Func<TState, string> shape, string bounds)
    : FuzzSubject<Boxed<TState>, AskedStep, StepSeen> where TState : notnull, IEquatable<TState>
{
    private readonly Successors<TState, TStep> _next = new();

    public override string Name => name;
    public override IReadOnlyList<Choice<AskedStep>> Operations => operations;
    public override Boxed<TState> StartOf(IReadOnlyCollection<string> quirks) => new(system.Start);

    public override Allowed<Boxed<TState>, StepSeen> Apply(AskedStep operation, Boxed<TState> state)
    {
        ArgumentNullException.ThrowIfNull(state);
        _next.Clear();
        system.Next(state.State, _next);
        var allowed = Allowed<Boxed<TState>, StepSeen>.None;
        for (var index = 0; index < _next.Count; index++)
            if (ask(_next.Steps[index]) == operation)
                allowed.Or(new(true, see(_next.Steps[index], _next.States[index])), new(_next.States[index]));
        return allowed.Alternatives.Length > 0 ? allowed : Allowed<Boxed<TState>, StepSeen>.Only(new(false, ""), state);
    }

    public override bool AsksForRefusals => true;

    public override bool IsRefusal(StepSeen seen)
    {
        ArgumentNullException.ThrowIfNull(seen);
        return !seen.Possible;
    }

    public override string KindOf(AskedStep operation)
    {
        ArgumentNullException.ThrowIfNull(operation);
        return operation.What;
    }

    public override string KindOf(StepSeen seen)
    {
        ArgumentNullException.ThrowIfNull(seen);
        return seen.ToString();
    }

    public override string ShapeOf(Boxed<TState> state, AskedStep operation)
    {
        ArgumentNullException.ThrowIfNull(state);
        return shape(state.State);
    }

    public override (Boxed<TState> Start, IReadOnlyList<AskedStep> Operations) Bounded => (Start, [.. operations.Select(choice => choice.Operation)]);
    public override string BoundedTo => bounds;
}
