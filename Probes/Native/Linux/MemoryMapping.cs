namespace HvLab.Probes.Native.Linux;

/// <summary>A mapping of this process, unmapped on dispose.</summary>
public sealed unsafe class MemoryMapping : IDisposable
{
    private nint _address;

    private MemoryMapping(nint address, nuint length) => (_address, Length) = (address, length);

    public nuint Length { get; }
    public nint Address => _address != 0 ? _address : throw new ObjectDisposedException(nameof(MemoryMapping));

    /// <summary>Private anonymous memory in 4 KiB pages (huge pages would make a neighbour present).</summary>
    public static MemoryMapping Anonymous(nuint length)
    {
        var mapping = Map(length, Libc.MAP_PRIVATE | Libc.MAP_ANONYMOUS, -1);
        _ = Libc.Madvise(mapping.Address, length, Libc.MADV_NOHUGEPAGE); // best effort: a kernel without huge pages says EINVAL
        return mapping;
    }

    public static MemoryMapping Shared(FileDescriptor file, nuint length) => Map(length, Libc.MAP_SHARED, file.Value);

    public Span<byte> Bytes(ulong offset, int length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset + (ulong)length, Length);
        // SAFETY: the range was checked against the mapping, which lives until Dispose.
        return new((byte*)Address + offset, length);
    }

    /// <summary>Drops the pages: the next access finds them missing.</summary>
    public void Discard(ulong offset, nuint length)
    {
        if (Libc.Madvise(Address + (nint)offset, length, Libc.MADV_DONTNEED) != 0)
            throw new NativeCallException("madvise(MADV_DONTNEED)", Errno.Last);
    }

    public void Dispose()
    {
        var address = Interlocked.Exchange(ref _address, 0);
        if (address != 0)
            _ = Libc.Munmap(address, Length);
    }

    private static MemoryMapping Map(nuint length, int flags, int fd)
    {
        var address = Libc.Mmap(0, length, Libc.PROT_READ | Libc.PROT_WRITE, flags, fd, 0);
        return address != -1 ? new(address, length) : throw new NativeCallException("mmap", Errno.Last);
    }
}
