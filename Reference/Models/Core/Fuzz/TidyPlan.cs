namespace HvLab.Reference.Models.Fuzz;

/// <summary>
/// Leaves out what does nothing: operations that the model refuses in every state that the plan may have come to. Nothing is left
/// of a plan that leaves the model's scope.
/// </summary>
public static class TidyPlan
{
    private const int MostStates = 64;

    public static IReadOnlyList<TOp> Of<TState, TOp, TSeen>(FuzzSubject<TState, TOp, TSeen> subject, IReadOnlyList<TOp> plan)
        where TState : class, IEquatable<TState> where TOp : class where TSeen : class
    {
        ArgumentNullException.ThrowIfNull(subject);
        ArgumentNullException.ThrowIfNull(plan);
        if (subject.AsksForRefusals)
            return plan;
        var tidy = new List<TOp>(plan.Count);
        List<TState> states = [subject.Start];
        for (var at = 0; at < plan.Count; at++)
        {
            var operation = plan[at];
            var next = new List<TState>();
            var refused = true;
            foreach (var state in states)
            {
                if (!subject.IsInScope(operation, state))
                    return [];
                foreach (ref readonly var alternative in subject.Apply(operation, state).Alternatives)
                {
                    var (seen, then) = alternative;
                    refused &= subject.IsRefusal(seen);
                    if (!next.Contains(then))
                        next.Add(then);
                }
            }
            // The last one is what the plan is about: a machine may do what the model refuses.
            if (refused && at < plan.Count - 1)
                continue;
            tidy.Add(operation);
            // With more states than are followed nobody knows what is refused: everything else stays.
            if (next.Count > MostStates)
                return [.. tidy, .. plan.Skip(at + 1)];
            states = next;
        }
        return tidy;
    }
}
