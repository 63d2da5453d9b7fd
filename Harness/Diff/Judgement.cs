using HvLab.Harness.Lab.Results;
using HvLab.Reference.Models;

namespace HvLab.Harness.Diff;

/// <summary>What a model says of a trace: the steps as text, and the first that it cannot explain.</summary>
public sealed record Judgement(IReadOnlyList<TraceStep> Trace, Divergence? Divergence);

/// <summary>Compares one trace with one model and words the result.</summary>
public static class Judge
{
    /// <param name="narrate">The drawing's words for one event.</param>
    public static Judgement Compare<TState, TOp, TSeen>(
        TState start, Conformance<TState, TOp, TSeen> model, ReadOnlySpan<Event<TOp, TSeen>> events,
        ReadOnlySpan<long> atMicros, Func<Event<TOp, TSeen>, TraceStep> narrate)
        where TState : class where TOp : notnull where TSeen : notnull
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(narrate);
        var divergence = model.Check(start, events);
        var count = divergence is null ? events.Length : divergence.Step + 1;
        var trace = new TraceStep[count];
        for (var step = 0; step < count; step++)
            trace[step] = narrate(events[step]) with
            {
                AtMicros = atMicros[step],
                TookMicros = (long)events[step].Took.TotalMicroseconds,
            };
        return new(trace, divergence is null ? null : Describe(divergence, events[divergence.Step]));
    }

    private static Divergence Describe<TOp, TSeen>(FirstDivergence<TSeen> divergence, Event<TOp, TSeen> now)
        where TOp : notnull where TSeen : notnull =>
        new()
        {
            Step = divergence.Step,
            Operation = now.Operation.ToString()!,
            Seen = divergence.Late ? $"{now.Seen}, after {now.Took.TotalMilliseconds:0} ms" : now.Seen.ToString()!,
            Allowed = [.. divergence.Allowed.Select(seen => divergence.Late ? $"{seen}, within the bound" : seen!.ToString()!)],
            Rules = [.. divergence.Rules.Select(rule => rule.ToString())],
        };
}
