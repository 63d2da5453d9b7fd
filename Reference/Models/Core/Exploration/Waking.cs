using System.Collections;

namespace HvLab.Reference.Models.Exploration;

/// <summary>
/// Decides <see cref="Wakes{TState,TStep}"/> over all visited states. Edges are not kept: states that are not yet known to wake
/// are asked again, pass by pass, until a pass finds nothing new. That takes one bit a state, whatever the number of steps.
/// </summary>
internal sealed class Waking<TState, TStep>(ISystem<TState, TStep> system, Visited<TState> visited, CancellationToken cancellation)
    where TState : notnull, IEquatable<TState>
{
    private readonly Successors<TState, TStep> _next = new();

    /// <returns>The id of a state from which the sleeper cannot wake, no other nearer to the start; null where there is none.</returns>
    public int? FirstAsleepForEver(Wakes<TState, TStep> claim)
    {
        var asleep = Enumerable.Range(0, claim.Sleepers).Select(sleeper => FirstAsleepForEver(claim, sleeper)).OfType<int>().ToArray();
        return asleep.Length == 0 ? null : asleep.MinBy(id => (Depth(id), id));
    }

    private int? FirstAsleepForEver(Wakes<TState, TStep> claim, int sleeper)
    {
        var wakes = visited.Shards.Select(shard => new BitArray(shard.Count)).ToArray();
        var open = new List<int>();
        for (var shard = 0; shard < visited.Shards.Length; shard++)
            for (var index = 0; index < visited.Shards[shard].Count; index++)
                if (claim.Waits(visited.Shards[shard][index], sleeper))
                    open.Add(visited.IdOf(shard, index));
                else
                    wakes[shard][index] = true;
        // Later states first: most steps lead away from the start.
        open.Reverse();
        for (var before = -1; open.Count != before;)
        {
            before = open.Count;
            open.RemoveAll(id =>
            {
                var can = HasFairStepToWaking(id, claim, wakes);
                if (can)
                    wakes[id % wakes.Length][id / wakes.Length] = true;
                return can;
            });
            cancellation.ThrowIfCancellationRequested();
        }
        return open.Count == 0 ? null : open.MinBy(id => (Depth(id), id));
    }

    private bool HasFairStepToWaking(int id, Wakes<TState, TStep> claim, BitArray[] wakes)
    {
        var state = visited[id];
        _next.Clear();
        system.Next(state, _next);
        for (var step = 0; step < _next.Count; step++)
            if (claim.Fair(state, _next.Steps[step])
                && visited.Find(in _next.States[step]) is var to && wakes[to % wakes.Length][to / wakes.Length])
                return true;
        return false;
    }

    private int Depth(int id)
    {
        var depth = 0;
        for (; visited.ParentOf(id) >= 0; id = visited.ParentOf(id))
            depth++;
        return depth;
    }
}
