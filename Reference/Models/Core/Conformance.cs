namespace HvLab.Reference.Models;

/// <summary>One operation with what was seen and how long that took.</summary>
public readonly record struct Event<TOp, TSeen>(TOp Operation, TSeen Seen, TimeSpan Took);

/// <summary>The first event that no run of the model explains.</summary>
/// <param name="Step">Zero-based index of the event.</param>
/// <param name="Allowed">What the model would have allowed there instead, from every state that explained the events before.</param>
/// <param name="Late">True where the answer is allowed but came after the bound.</param>
public sealed record FirstDivergence<TSeen>(int Step, IReadOnlyList<TSeen> Allowed, IReadOnlyList<Rule> Rules, bool Late);

/// <summary>Is a trace allowed? Keeps every state that explains what was seen; when none is left, the machine diverged.</summary>
/// <remarks>Instances keep their buffers and are not safe for concurrent use.</remarks>
public sealed class Conformance<TState, TOp, TSeen>(Func<TOp, TState, Allowed<TState, TSeen>> apply, TimeSpan bound)
    where TState : class
{
    private List<TState> _possible = new(8);
    private List<TState> _next = new(8);

    /// <summary>After a check: every state that explains what was seen before the divergence, or everything that was seen.</summary>
    public IReadOnlyList<TState> Possible => _possible;

    /// <param name="start">The state before the first event.</param>
    /// <param name="visit">Called for each step of the model that explains an event, as far as that one goes.</param>
    /// <returns>Null where some run of the model explains all events.</returns>
    public FirstDivergence<TSeen>? Check(TState start, ReadOnlySpan<Event<TOp, TSeen>> events, Action<Transition<TState, TOp, TSeen>>? visit = null)
    {
        _possible.Clear();
        _possible.Add(start);
        for (var step = 0; step < events.Length; step++)
        {
            ref readonly var now = ref events[step];
            _next.Clear();
            foreach (var state in _possible)
                foreach (ref readonly var alternative in apply(now.Operation, state).Alternatives)
                    if (alternative.Explain(now.Seen) is { } then)
                    {
                        visit?.Invoke(new(state, now.Operation, now.Seen, then));
                        if (!_next.Contains(then))
                            _next.Add(then);
                    }
            if (_next.Count == 0)
                return Describe(step, now.Operation, late: false);
            if (now.Took > bound)
                return Describe(step, now.Operation, late: true);
            (_possible, _next) = (_next, _possible);
        }
        return null;
    }

    private FirstDivergence<TSeen> Describe(int step, TOp operation, bool late)
    {
        var allowed = new List<TSeen>();
        var rules = new List<Rule>();
        foreach (var state in _possible)
            foreach (ref readonly var alternative in apply(operation, state).Alternatives)
            {
                if (alternative.Example is var example && !allowed.Contains(example))
                    allowed.Add(example);
                if (alternative.Rule is { } rule && !rules.Contains(rule))
                    rules.Add(rule);
            }
        return new(step, allowed, rules, late);
    }
}
