using System.Runtime.CompilerServices;

namespace HvLab.Probes.Native.Xen;

/// <summary>Memory that another domain may write at any moment.</summary>
public abstract unsafe class SharedPages(nint address, int pages) : IDisposable
{
    private nint _address = address;

    public int Length => pages * 4096;
    public nint Address => _address != 0 ? _address : throw new ObjectDisposedException(GetType().Name);
    public bool IsMapped => _address != 0;

    /// <summary>A word at a byte offset, which must be aligned to its size: reads and writes of it are single accesses.</summary>
    public ref T At<T>(int offset) where T : unmanaged
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset + sizeof(T), Length);
        // SAFETY: within the mapping, which lives until Dispose.
        return ref Unsafe.AsRef<T>((byte*)Address + offset);
    }

    public Span<byte> Bytes(int offset, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset + length, Length);
        // SAFETY: as above.
        return new((byte*)Address + offset, length);
    }

    public void Dispose()
    {
        var address = Interlocked.Exchange(ref _address, 0);
        if (address != 0)
            Unmap(address);
        GC.SuppressFinalize(this);
    }

    protected abstract void Unmap(nint address);
}

/// <summary>Frames of a domain; they keep its pages alive until they are unmapped.</summary>
public sealed class ForeignMapping : SharedPages
{
    private readonly XenForeignMemory _owner;
    private readonly int _pages;

    internal ForeignMapping(XenForeignMemory owner, nint address, int pages) : base(address, pages) => (_owner, _pages) = (owner, pages);

    protected override void Unmap(nint address) => _owner.Unmap(address, _pages);
}

/// <summary>A resource that Xen keeps for a domain.</summary>
public sealed class ResourceMapping : SharedPages
{
    private readonly XenForeignMemory _owner;
    private readonly nint _resource;

    internal ResourceMapping(XenForeignMemory owner, nint resource, nint address, int pages) : base(address, pages) =>
        (_owner, _resource) = (owner, resource);

    protected override void Unmap(nint address) => _owner.UnmapResource(_resource);
}
