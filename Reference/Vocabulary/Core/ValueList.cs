using System.Collections;
using System.Runtime.CompilerServices;

namespace HvLab.Reference;

/// <summary>An immutable list that is equal by value, so that a record that holds one is too.</summary>
[CollectionBuilder(typeof(ValueList), nameof(ValueList.Create))]
public readonly struct ValueList<T> : IEquatable<ValueList<T>>, IReadOnlyList<T>
{
    private readonly T[]? _items;

    internal ValueList(T[] items) => _items = items;

    private T[] Items => _items ?? [];
    public int Count => _items?.Length ?? 0;
    public T this[int index] => Items[index];
    public ReadOnlySpan<T> AsSpan() => _items;

    public ValueList<T> Add(T item)
    {
        var items = new T[Count + 1];
        Items.CopyTo(items, 0);
        items[^1] = item;
        return new(items);
    }

    public ValueList<T> AddRange(ValueList<T> other) => other.Count == 0 ? this : new([.. Items, .. other.Items]);

    /// <summary>Adds what is not there yet.</summary>
    public ValueList<T> Union(T item) => Contains(item) ? this : Add(item);

    public ValueList<T> RemoveAt(int index)
    {
        var items = new T[Count - 1];
        Items.AsSpan(0, index).CopyTo(items);
        Items.AsSpan(index + 1).CopyTo(items.AsSpan(index));
        return new(items);
    }

    public ValueList<T> Set(int index, T item)
    {
        var items = (T[])Items.Clone();
        items[index] = item;
        return new(items);
    }

    public ValueList<T> Where(Func<T, bool> keep) => new(Array.FindAll(Items, item => keep(item)));
    public int IndexOf(T item) => Array.IndexOf(Items, item);
    public bool Contains(T item) => IndexOf(item) >= 0;

    public bool Equals(ValueList<T> other) =>
        ReferenceEquals(_items, other._items) || AsSpan().SequenceEqual(other.AsSpan(), EqualityComparer<T>.Default);

    public override bool Equals(object? obj) => obj is ValueList<T> other && Equals(other);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (var item in AsSpan())
            hash.Add(item);
        return hash.ToHashCode();
    }

    public IEnumerator<T> GetEnumerator() => ((IEnumerable<T>)Items).GetEnumerator();
    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    public override string ToString() => $"[{string.Join(", ", Items)}]";
    public static bool operator ==(ValueList<T> left, ValueList<T> right) => left.Equals(right);
    public static bool operator !=(ValueList<T> left, ValueList<T> right) => !left.Equals(right);
}

/// <summary>Builds a <see cref="ValueList{T}"/> from a collection expression.</summary>
public static class ValueList
{
    public static ValueList<T> Create<T>(ReadOnlySpan<T> items) => new(items.ToArray());
}
