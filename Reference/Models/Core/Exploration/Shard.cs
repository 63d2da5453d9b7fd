using System.Runtime.CompilerServices;

namespace HvLab.Reference.Models.Exploration;

/// <summary>
/// The visited states of one worker, in the order of their discovery, with their parents, and a hash index over them. States
/// are never moved: chunks are added, and only the index is doubled.
/// </summary>
/// <param name="maxBytes">Never more than this, also while the index is doubled.</param>
internal sealed class Shard<TState>(long maxBytes) where TState : notnull, IEquatable<TState>
{
    private const int ChunkBits = 14;
    private const int ChunkSize = 1 << ChunkBits;

    private static long ChunkBytes => (long)ChunkSize * (Unsafe.SizeOf<TState>() + sizeof(int));

    private readonly List<TState[]> _states = [];
    private readonly List<int[]> _parents = [];
    // Hash above, index + 1 below; 0 is free. The hash saves most looks at states, and all of them when doubling.
    private ulong[] _index = new ulong[1 << 10];

    public int Count { get; private set; }

    public long Bytes => (_states.Count * ChunkBytes) + ((long)_index.Length * sizeof(ulong));

    /// <summary>A state was not kept because memory had run out: what was visited is no longer everything.</summary>
    public bool IsFull { get; private set; }

    public ref readonly TState this[int index] => ref _states[index >> ChunkBits][index & (ChunkSize - 1)];

    public int ParentOf(int index) => _parents[index >> ChunkBits][index & (ChunkSize - 1)];

    /// <returns>True where the state is new; its index is then the last.</returns>
    public bool TryAdd(in TState state, uint hash, int parent)
    {
        if (((long)Count + 1) * 4 > (long)_index.Length * 3 && !TryDouble())
            return Refuse();
        ref var slot = ref Slot(in state, hash, out var known);
        if (known)
            return false;
        if (Count >> ChunkBits == _states.Count)
        {
            if (Bytes + ChunkBytes > maxBytes)
                return Refuse();
            _states.Add(new TState[ChunkSize]);
            _parents.Add(new int[ChunkSize]);
        }
        slot = ((ulong)hash << 32) | (uint)(Count + 1);
        _states[^1][Count & (ChunkSize - 1)] = state;
        _parents[^1][Count & (ChunkSize - 1)] = parent;
        Count++;
        return true;
    }

    /// <returns>The index of a visited state, or -1.</returns>
    public int Find(in TState state, uint hash)
    {
        ref var slot = ref Slot(in state, hash, out var known);
        return known ? (int)(uint)slot - 1 : -1;
    }

    private ref ulong Slot(in TState state, uint hash, out bool known)
    {
        var mask = _index.Length - 1;
        for (var at = (int)hash & mask; ; at = (at + 1) & mask)
        {
            ref var slot = ref _index[at];
            if (slot == 0)
            {
                known = false;
                return ref slot;
            }
            if ((uint)(slot >> 32) == hash && this[(int)(uint)slot - 1].Equals(state))
            {
                known = true;
                return ref slot;
            }
        }
    }

    private bool Refuse()
    {
        IsFull = true;
        return false;
    }

    private bool TryDouble()
    {
        var old = _index;
        if (Bytes + ((long)old.Length * 2 * sizeof(ulong)) > maxBytes || old.Length > Array.MaxLength / 2)
            return false;
        _index = new ulong[old.Length * 2];
        var mask = _index.Length - 1;
        foreach (var slot in old)
        {
            if (slot == 0)
                continue;
            var at = (int)(slot >> 32) & mask;
            while (_index[at] != 0)
                at = (at + 1) & mask;
            _index[at] = slot;
        }
        return true;
    }
}
