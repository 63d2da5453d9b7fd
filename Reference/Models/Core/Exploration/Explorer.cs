namespace HvLab.Reference.Models.Exploration;

/// <summary>Visits every reachable state, breadth first, so that the first counterexample is a shortest one.</summary>
public static class Explorer
{
    /// <exception cref="OperationCanceledException">The options' token was cancelled.</exception>
    /// <exception cref="InvalidOperationException">The system contradicts itself: its steps differ from call to call, or its symmetry is none.</exception>
    public static Explored<TState, TStep> Explore<TState, TStep>(
        ISystem<TState, TStep> system, IReadOnlyList<Claim<TState, TStep>> claims, ExplorerOptions? options = null)
        where TState : notnull, IEquatable<TState>
    {
        ArgumentNullException.ThrowIfNull(system);
        ArgumentNullException.ThrowIfNull(claims);
        options ??= new();
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Workers, 1, nameof(options));
        return new Search<TState, TStep>(system, claims, options).Run();
    }
}
