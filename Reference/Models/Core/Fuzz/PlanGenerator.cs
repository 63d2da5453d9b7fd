using FsCheck;
using FsCheck.Fluent;

namespace HvLab.Reference.Models.Fuzz;

/// <summary>
/// Plans from a model: each operation is drawn, by weight, from what the model does not refuse in the states that the plan may
/// have come to. What earlier plans have seldom asked in such a state weighs more. The same seed gives the same plans, whatever
/// a machine answers: the states are the model's own, not those that were observed.
/// </summary>
public sealed class PlanGenerator<TState, TOp, TSeen>(FuzzSubject<TState, TOp, TSeen> subject, ulong seed, int operations)
    where TState : class, IEquatable<TState> where TOp : class where TSeen : class
{
    /// <summary>Of all states that a plan may be in, this many are followed.</summary>
    private const int MostStates = 12;
    /// <summary>Weights are multiplied by this before they are divided, so that none is rounded away.</summary>
    private const int Scale = 1024;
    /// <summary>What was never asked in a state weighs this many times more than what was asked often.</summary>
    private const int Novelty = 24;
    /// <summary>Asking for what a bound must run out for costs as much time as a hundred other operations.</summary>
    private const int SlowDivisor = 4000, PerhapsSlowDivisor = 400;

    private readonly Dictionary<(string Shape, string Kind), int> _asked = [];
    private ulong _number;

    /// <summary>Plans made so far.</summary>
    public ulong Made => _number;

    public IReadOnlyList<TOp> Next()
    {
        var random = new Rnd(Mix(seed, _number++));
        var plan = new List<TOp>(operations);
        // A generator of its own for each plan: what it is made of depends on the plans before.
        Walk(plan).Sample(size: operations, seed: random, numberOfSamples: 1).Single();
        return plan;
    }

    private Gen<int> Walk(List<TOp> plan) =>
        from opening in Begin()
        from length in Extend(plan, [subject.Start], opening, 0)
        select length;

    private Gen<IReadOnlyList<TOp>> Begin() => subject.Openings.Count == 0
        ? Gen.Constant<IReadOnlyList<TOp>>([])
        : Gen.Frequency(subject.Openings.Select(opening => (opening.Weight, Gen.Constant(opening.Operations))));

    private Gen<int> Extend(List<TOp> plan, List<TState> states, IReadOnlyList<TOp> opening, int at) =>
        plan.Count >= operations ? Gen.Constant(plan.Count)
        : at < opening.Count ? Append(plan, states, opening, at, opening[at])
        : Candidates(states) is { Count: > 0 } candidates
            ? Gen.Frequency(candidates).SelectMany(operation => Append(plan, states, opening, at, operation))
            : Gen.Constant(plan.Count);

    private Gen<int> Append(List<TOp> plan, List<TState> states, IReadOnlyList<TOp> opening, int at, TOp operation)
    {
        plan.Add(operation);
        foreach (var shape in states.Select(state => subject.ShapeOf(state, operation)).Distinct())
            _asked[(shape, subject.KindOf(operation))] = _asked.GetValueOrDefault((shape, subject.KindOf(operation))) + 1;
        var next = After(states, operation);
        return next.Count <= MostStates
            ? Extend(plan, next, opening, at + 1)
            : Gen.Shuffle(next.ToArray()).SelectMany(some => Extend(plan, [.. some.Take(MostStates)], opening, at + 1));
    }

    private List<TState> After(List<TState> states, TOp operation)
    {
        var next = new List<TState>(MostStates);
        foreach (var state in states)
            foreach (ref readonly var alternative in subject.Apply(operation, state).Alternatives)
            {
                var (_, then) = alternative;
                if (!next.Contains(then))
                    next.Add(then);
            }
        return next;
    }

    private List<(int Weight, Gen<TOp> Operation)> Candidates(List<TState> states)
    {
        var candidates = new List<(int, Gen<TOp>)>();
        foreach (var (weight, operation) in subject.Operations)
            if (WeightOf(weight, operation, states) is > 0 and var total)
                candidates.Add((total, Gen.Constant(operation)));
        return candidates;
    }

    private int WeightOf(int weight, TOp operation, List<TState> states)
    {
        var (enabled, quick, slow, least) = (0, 0, 0, int.MaxValue);
        foreach (var state in states)
        {
            if (!subject.IsInScope(operation, state))
                return 0;
            var (makesSense, isQuick, isSlow) = (false, false, false);
            foreach (ref readonly var alternative in subject.Apply(operation, state).Alternatives)
                if (alternative.Example is var seen && !subject.IsRefusal(seen))
                    (makesSense, isQuick, isSlow) = (true, isQuick || !subject.IsSlow(seen), isSlow || subject.IsSlow(seen));
            if (!makesSense)
                continue;
            enabled++;
            quick += isQuick ? 1 : 0;
            slow += isSlow ? 1 : 0;
            least = Math.Min(least, _asked.GetValueOrDefault((subject.ShapeOf(state, operation), subject.KindOf(operation))));
        }
        if (enabled == 0)
            return subject.AsksForRefusals ? weight : 0;
        var total = (long)weight * Scale * enabled / states.Count;
        total = quick < enabled ? total / SlowDivisor
            : slow > 0 ? total / PerhapsSlowDivisor
            : total * (1 + (Novelty / (1 + least)));
        return (int)Math.Clamp(total, 0, 10_000_000);
    }

    // SplitMix64: neighbouring numbers of plans must not give neighbouring streams.
    private static ulong Mix(ulong seed, ulong number)
    {
        var value = seed + ((number + 1) * 0x9E3779B97F4A7C15);
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}
