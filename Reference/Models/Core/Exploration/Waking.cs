using System.Collections;

namespace HvLab.Reference.Models.Exploration;

/// <summary>
/// Decides <see cref="Wakes{TState,TStep}"/> over all visited states: fair steps are turned round, and whoever is awake is
/// followed backwards. What is never reached sleeps for ever. Takes 4 bytes a fair step and 4 a state while it goes on.
/// </summary>
internal sealed class Waking<TState, TStep> where TState : notnull, IEquatable<TState>
{
    private readonly Visited<TState> _visited;
    private readonly Wakes<TState, TStep> _claim;
    // Predecessors by fair steps of the state with id i: _from[_first[i]] up to _from[_first[i + 1]].
    private readonly int[] _first;
    private readonly int[] _from;

    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public Waking(ISystem<TState, TStep> system, Visited<TState> visited, Wakes<TState, TStep> claim, CancellationToken cancellation)
    {
        (_visited, _claim) = (visited, claim);
        _first = new int[visited.IdLimit + 1];
        var next = new Successors<TState, TStep>();
        // Twice the same walk: first to count, then to fill from the back, so that the steps themselves are never kept.
        foreach (var id in Ids(cancellation))
            ForEachFairStep(system, next, id, to => _first[to]++);
        var total = 0L;
        for (var id = 0; id < _first.Length; id++)
            _first[id] = checked((int)(total += _first[id]));
        _from = new int[total];
        foreach (var id in Ids(cancellation))
            ForEachFairStep(system, next, id, to => _from[--_first[to]] = id);
    }

    /// <summary>Bytes that a decision takes, where each state has about <paramref name="steps"/> / states fair steps.</summary>
    public static long BytesFor(Visited<TState> visited, long steps) => (steps + (2L * visited.IdLimit)) * sizeof(int);

    /// <returns>The id of a state from which some sleeper cannot wake, no other nearer to the start; null where there is none.</returns>
    public int? FirstAsleepForEver()
    {
        var asleep = Enumerable.Range(0, _claim.Sleepers).Select(FirstAsleepForEver).OfType<int>().ToArray();
        return asleep.Length == 0 ? null : asleep.MinBy(id => (_visited.DepthOf(id), id));
    }

    private int? FirstAsleepForEver(int sleeper)
    {
        var wakes = new BitArray(_visited.IdLimit);
        var todo = new Stack<int>();
        foreach (var id in Ids(CancellationToken.None))
            if (!_claim.Waits(_visited[id], sleeper))
            {
                wakes[id] = true;
                todo.Push(id);
            }
        while (todo.TryPop(out var to))
            for (var at = _first[to]; at < _first[to + 1]; at++)
                if (!wakes[_from[at]])
                {
                    wakes[_from[at]] = true;
                    todo.Push(_from[at]);
                }
        // Ids grow with the depth within a shard: the first of each is its nearest.
        int? nearest = null;
        var shards = _visited.Shards.Length;
        for (var shard = 0; shard < shards; shard++)
            for (var index = 0; index < _visited.Shards[shard].Count; index++)
                if (_visited.IdOf(shard, index) is var id && !wakes[id])
                {
                    if (nearest is not { } other || _visited.DepthOf(id) < _visited.DepthOf(other))
                        nearest = id;
                    break;
                }
        return nearest;
    }

    private IEnumerable<int> Ids(CancellationToken cancellation)
    {
        for (var shard = 0; shard < _visited.Shards.Length; shard++)
            for (var index = 0; index < _visited.Shards[shard].Count; index++)
            {
                if ((index & 0x3fff) == 0)
                    cancellation.ThrowIfCancellationRequested();
                yield return _visited.IdOf(shard, index);
            }
    }

    private void ForEachFairStep(ISystem<TState, TStep> system, Successors<TState, TStep> next, int id, Action<int> act)
    {
        var state = _visited[id];
        next.Clear();
        system.Next(state, next);
        for (var step = 0; step < next.Count; step++)
            if (_claim.Fair(state, next.Steps[step]))
                act(_visited.Find(in next.States[step]));
    }
}
