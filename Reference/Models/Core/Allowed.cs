namespace HvLab.Reference.Models;

/// <summary>One answer that a model allows and the state that explains it, or all answers of one kind where the machine chooses a value.</summary>
public readonly struct Alternative<TState, TSeen> where TState : class
{
    private readonly TSeen? _seen;
    private readonly TState? _then;
    private readonly Func<TSeen>? _example;
    private readonly Func<TSeen, TState?>? _binds;

    internal Alternative(TSeen seen, TState then, Rule? rule) => (_seen, _then, Rule) = (seen, then, rule);
    internal Alternative(Func<TSeen> example, Func<TSeen, TState?> binds, Rule? rule) => (_example, _binds, Rule) = (example, binds, rule);

    public Rule? Rule { get; }

    /// <summary>The answer, or one of those that are allowed. Made when asked for: judging a trace needs none.</summary>
    public TSeen Example => _example is null ? _seen! : _example();

    /// <summary>The state after <paramref name="seen"/>, or null where this is not what the alternative allows.</summary>
    public TState? Explain(TSeen seen) =>
        _binds is not null ? _binds(seen)
        : EqualityComparer<TSeen>.Default.Equals(_seen, seen) ? _then
        : null;

    /// <exception cref="InvalidOperationException">The example is not one of the answers that it stands for.</exception>
    public void Deconstruct(out TSeen example, out TState then)
    {
        example = Example;
        then = _then ?? _binds!(example) ?? throw new InvalidOperationException($"The example '{example}' is not allowed by its own rule.");
    }
}

/// <summary>What a model answers to an operation: every (observation, next state) that it allows. Real machines are nondeterministic.</summary>
public sealed class Allowed<TState, TSeen> where TState : class
{
    private Alternative<TState, TSeen>[] _alternatives = new Alternative<TState, TSeen>[2];
    private int _count;

    public ReadOnlySpan<Alternative<TState, TSeen>> Alternatives => _alternatives.AsSpan(0, _count);

    public static Allowed<TState, TSeen> None => new();
    public static Allowed<TState, TSeen> Only(TSeen seen, TState then, Rule? rule = null) => None.Or(seen, then, rule);

    public Allowed<TState, TSeen> Or(TSeen seen, TState then, Rule? rule = null) => Add(new(seen, then, rule));

    /// <summary>Any observation for which <paramref name="binds"/> gives a state; <paramref name="example"/> makes one of them.</summary>
    public Allowed<TState, TSeen> OrAny(Func<TSeen> example, Func<TSeen, TState?> binds, Rule? rule = null) => Add(new(example, binds, rule));

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
