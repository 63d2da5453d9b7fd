using System.Runtime.CompilerServices;

namespace HvLab.Reference.Models.Exploration;

/// <summary>What may happen next, as a model adds it. One instance is reused for all states: the explorer clears it.</summary>
public sealed class Successors<TState, TStep> where TState : notnull, IEquatable<TState>
{
    private TStep[] _steps = new TStep[16];
    private TState[] _states = new TState[16];
    private int _count;
    private int _local = -1;

    public int Count => _count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(TStep step, TState to)
    {
        if (_count == _steps.Length)
            Grow();
        _steps[_count] = step;
        _states[_count++] = to;
    }

    /// <summary>
    /// Adds a step that touches nothing any other actor or any property reads, that stays possible until it is taken, and that
    /// cannot repeat without another step between. Under <see cref="Reduction.PartialOrder"/> it is explored alone.
    /// </summary>
    public void AddLocal(TStep step, TState to)
    {
        if (_local < 0)
            _local = _count;
        Add(step, to);
    }

    internal ReadOnlySpan<TStep> Steps => _steps.AsSpan(0, _count);
    internal ReadOnlySpan<TState> States => _states.AsSpan(0, _count);

    /// <summary>All of them, or the one local step where order does not matter.</summary>
    internal (int From, int To) Explored(bool reduced) => reduced && _local >= 0 ? (_local, _local + 1) : (0, _count);

    internal void Clear()
    {
        _count = 0;
        _local = -1;
    }

    private void Grow()
    {
        Array.Resize(ref _steps, _count * 2);
        Array.Resize(ref _states, _count * 2);
    }
}
