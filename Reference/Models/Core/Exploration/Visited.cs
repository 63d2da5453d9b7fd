using System.Collections;
using System.Runtime.CompilerServices;

namespace HvLab.Reference.Models.Exploration;

/// <summary>All shards together. A state's id is its index in its shard times the number of shards, plus the shard's number.</summary>
internal sealed class Visited<TState>(int shards, long maxBytes) : IReadOnlyCollection<TState> where TState : notnull, IEquatable<TState>
{
    public Shard<TState>[] Shards { get; } = [.. Enumerable.Range(0, shards).Select(_ => new Shard<TState>(maxBytes / shards))];

    public int Count => Shards.Sum(shard => shard.Count);
    public bool IsFull => Shards.Any(shard => shard.IsFull);
    public long Bytes => Shards.Sum(shard => shard.Bytes);

    public TState this[int id] => Shards[id % Shards.Length][id / Shards.Length];
    public int ParentOf(int id) => Shards[id % Shards.Length].ParentOf(id / Shards.Length);
    /// <summary>All ids are below.</summary>
    public int IdLimit => checked(Shards.Max(shard => shard.Count) * Shards.Length);

    /// <summary>Steps from the start.</summary>
    public int DepthOf(int id)
    {
        var depth = 0;
        for (; ParentOf(id) >= 0; id = ParentOf(id))
            depth++;
        return depth;
    }

    public int IdOf(int shard, int index) => checked((index * Shards.Length) + shard);

    // GetHashCode of small states is often weak in its low bits (murmur3's finalizer).
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint HashOf(in TState state)
    {
        var hash = (uint)state.GetHashCode();
        hash = (hash ^ (hash >> 16)) * 0x85ebca6b;
        hash = (hash ^ (hash >> 13)) * 0xc2b2ae35;
        return hash ^ (hash >> 16);
    }

    // The index uses the low bits: the choice of a shard uses the high ones.
    public int ShardOf(uint hash) => (int)(((ulong)hash * (uint)Shards.Length) >> 32);

    /// <returns>The id of a visited state, or -1.</returns>
    public int Find(in TState state)
    {
        var hash = HashOf(in state);
        var shard = ShardOf(hash);
        var index = Shards[shard].Find(in state, hash);
        return index < 0 ? -1 : IdOf(shard, index);
    }

    public IEnumerator<TState> GetEnumerator()
    {
        foreach (var shard in Shards)
            for (var index = 0; index < shard.Count; index++)
                yield return shard[index];
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
