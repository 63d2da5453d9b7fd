namespace HvLab.Reference.Models.Exploration;

/// <summary>The way to a visited state, rebuilt from its parents: steps are not kept, a parent's steps are asked for again.</summary>
internal static class Trail
{
    /// <param name="lastStep">Which of the state's own steps to add at the end.</param>
    public static IReadOnlyList<Move<TState, TStep>> To<TState, TStep>(
        int state, int? lastStep, ISystem<TState, TStep> system, Visited<TState> visited, Reduction reduction)
        where TState : notnull, IEquatable<TState>
    {
        var ids = new Stack<int>();
        for (var id = state; visited.ParentOf(id) >= 0; id = visited.ParentOf(id))
            ids.Push(id);
        var trail = new List<Move<TState, TStep>>(ids.Count + 1);
        var next = new Successors<TState, TStep>();
        var at = system.Start;
        // Visited states are representatives; the run is made of real ones, so that each actor keeps its name.
        foreach (var id in ids)
        {
            next.Clear();
            system.Next(at, next);
            var step = IndexOf(next, visited[id], system, reduction);
            trail.Add(new(at, next.Steps[step], next.States[step]));
            at = next.States[step];
        }
        if (lastStep is not { } last)
            return trail;
        var wanted = StepOf(system, visited[state], last);
        next.Clear();
        system.Next(at, next);
        // The same step as the representative's: the one that leads to the same place, and the same one where nothing is renamed.
        last = visited[state].Equals(at) ? last : IndexOf(next, Seen(wanted.To, system, reduction), system, reduction);
        trail.Add(new(at, next.Steps[last], next.States[last]));
        return trail;
    }

    private static (TStep Step, TState To) StepOf<TState, TStep>(ISystem<TState, TStep> system, TState state, int step)
        where TState : notnull, IEquatable<TState>
    {
        var next = new Successors<TState, TStep>();
        system.Next(state, next);
        return (next.Steps[step], next.States[step]);
    }

    private static TState Seen<TState, TStep>(TState state, ISystem<TState, TStep> system, Reduction reduction)
        where TState : notnull, IEquatable<TState> => reduction.HasFlag(Reduction.Symmetry) ? system.Canonical(state) : state;

    private static int IndexOf<TState, TStep>(Successors<TState, TStep> next, TState wanted, ISystem<TState, TStep> system, Reduction reduction)
        where TState : notnull, IEquatable<TState>
    {
        // All steps: under symmetry the actor whose step was explored alone may be another one here.
        for (var step = 0; step < next.Count; step++)
            if (Seen(next.States[step], system, reduction).Equals(wanted))
                return step;
        throw new InvalidOperationException(
            $"No step leads to {wanted} any more: the system's steps differ from call to call, or its symmetry renames what is not equal.");
    }
}
