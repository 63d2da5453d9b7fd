namespace HvLab.Reference.Models;

/// <summary>One answer that a model allows, and the state that explains it.</summary>
/// <param name="Example">The answer; where <paramref name="Binds"/> is given, one answer of many.</param>
/// <param name="Then">The state after <paramref name="Example"/>.</param>
/// <param name="Binds">For answers whose value the machine chooses: the state after that answer, or null where it is not allowed.</param>
public readonly record struct Alternative<TState, TSeen>(TSeen Example, TState Then, Rule? Rule, Func<TSeen, TState?>? Binds)
    where TState : class
{
    public TState? Explain(TSeen seen) =>
        Binds is not null ? Binds(seen)
        : EqualityComparer<TSeen>.Default.Equals(Example, seen) ? Then
        : null;
}

/// <summary>What a model answers to an operation: every (observation, next state) that it allows. Real machines are nondeterministic.</summary>
public sealed class Allowed<TState, TSeen> where TState : class
{
    private Alternative<TState, TSeen>[] _alternatives = new Alternative<TState, TSeen>[2];
    private int _count;

    public ReadOnlySpan<Alternative<TState, TSeen>> Alternatives => _alternatives.AsSpan(0, _count);

    public static Allowed<TState, TSeen> None => new();
    public static Allowed<TState, TSeen> Only(TSeen seen, TState then, Rule? rule = null) => None.Or(seen, then, rule);

    public Allowed<TState, TSeen> Or(TSeen seen, TState then, Rule? rule = null) => Add(new(seen, then, rule, null));

    /// <summary>Any observation for which <paramref name="binds"/> gives a state; <paramref name="example"/> is one of them.</summary>
    public Allowed<TState, TSeen> OrAny(TSeen example, Func<TSeen, TState?> binds, Rule? rule = null) =>
        binds(example) is { } then
            ? Add(new(example, then, rule, binds))
            : throw new InvalidOperationException($"The example '{example}' is not allowed by its own rule.");

    public Allowed<TState, TSeen> OrIf(bool condition, TSeen seen, TState then, Rule? rule = null) =>
        condition ? Or(seen, then, rule) : this;

    private Allowed<TState, TSeen> Add(Alternative<TState, TSeen> alternative)
    {
        if (_count == _alternatives.Length)
            Array.Resize(ref _alternatives, _count * 2);
        _alternatives[_count++] = alternative;
        return this;
    }
}
