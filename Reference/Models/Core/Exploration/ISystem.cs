namespace HvLab.Reference.Models.Exploration;

/// <summary>Something that can be explored: where it starts, and everything that may happen next.</summary>
/// <typeparam name="TState">Equal by value. A packed struct (see <see cref="Bits128"/>) explores some ten times faster than a record class.</typeparam>
/// <typeparam name="TStep">What one actor does in one indivisible step. A small struct for speed.</typeparam>
/// <remarks>Called from several threads at once: implementations hold no mutable state.</remarks>
public interface ISystem<TState, TStep> where TState : notnull, IEquatable<TState>
{
    TState Start { get; }

    /// <summary>Adds every step that is possible in <paramref name="state"/>, always in the same order. None at all is a quiet end.</summary>
    void Next(TState state, Successors<TState, TStep> next);

    /// <summary>
    /// One representative of all states that differ only by a renaming of equal actors; the state itself where nothing is symmetric.
    /// Used only under <see cref="Reduction.Symmetry"/>.
    /// </summary>
    TState Canonical(TState state) => state;

    /// <summary>A step in words, for a counterexample.</summary>
    StepText Tell(TState from, TStep step, TState to);
}
