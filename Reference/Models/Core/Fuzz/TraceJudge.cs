namespace HvLab.Reference.Models.Fuzz;

/// <summary>What the model says of a run.</summary>
/// <param name="Divergence">Null where every answer is allowed.</param>
/// <param name="Signature">Null where nothing is wrong: no divergence, and the plan came to its end.</param>
/// <param name="Step">The operation that it is about; meaningful with a signature.</param>
public sealed record TraceJudgement<TSeen>(FirstDivergence<TSeen>? Divergence, Signature? Signature, int Step);

/// <summary>Judges runs by one start of a subject's model.</summary>
public sealed class TraceJudge<TState, TOp, TSeen>(FuzzSubject<TState, TOp, TSeen> subject, TState start, TimeSpan bound)
    where TState : class, IEquatable<TState> where TOp : class where TSeen : class
{
    private const int MostShapes = 3;
    private readonly Conformance<TState, TOp, TSeen> _conformance = new(subject.Apply, bound);

    /// <param name="plan">Names the operation that had no answer.</param>
    /// <param name="visit">Called for each step that explains what was seen.</param>
    public TraceJudgement<TSeen> Judge(IReadOnlyList<TOp> plan, PlanRun<TOp, TSeen> run, Action<Transition<TState, TOp, TSeen>>? visit = null)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(run);
        var events = run.Events as Event<TOp, TSeen>[] ?? [.. run.Events];
        var divergence = _conformance.Check(start, events, visit);
        if (divergence is not null)
        {
            var now = events[divergence.Step];
            var seen = subject.KindOf(now.Seen);
            return new(divergence, new(subject.KindOf(now.Operation), divergence.Late ? $"late {seen}" : seen, ShapeBefore(now.Operation)), divergence.Step);
        }
        if (run.Stop is not { } stop)
            return new(null, null, 0);
        var at = Math.Min(events.Length, plan.Count - 1);
        return new(null, new(subject.KindOf(plan[at]), $"{(stop.IsHost ? "host" : "lab")}: {stop.Kind}", ShapeBefore(plan[at])), at);
    }

    private string ShapeBefore(TOp operation) =>
        string.Join(" | ", _conformance.Possible.Select(state => subject.ShapeOf(state, operation)).Distinct().Order(StringComparer.Ordinal).Take(MostShapes));
}
