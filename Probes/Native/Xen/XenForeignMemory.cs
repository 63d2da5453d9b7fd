using System.Runtime.InteropServices;
using HvLab.Probes.Native.Linux;

namespace HvLab.Probes.Native.Xen;

/// <summary>libxenforeignmemory: other domains' pages in this process.</summary>
public sealed unsafe partial class XenForeignMemory : IDisposable
{
    private const int Read = 1, Write = 2;

    private readonly Handle _handle = Handle.Open();

    /// <summary>Maps frames of a domain, in this order. Waits for as long as one of them is paged out.</summary>
    /// <returns>Null with the error.</returns>
    public ForeignMapping? TryMap(uint domain, ReadOnlySpan<ulong> frames, bool writable, out Errno errno)
    {
        var errors = new int[frames.Length];
        nint address;
        // SAFETY: one frame and one error number a page.
        fixed (ulong* list = frames)
        fixed (int* failed = errors)
            address = Map(_handle, domain, writable ? Read | Write : Read, (nuint)frames.Length, list, failed);
        errno = address != 0 ? Errno.None : Errno.Last;
        if (address == 0)
            return null;
        // Asked for errors page by page, the library returns a mapping with holes where some failed.
        if (Array.Find(errors, error => error != 0) is var first && first != 0)
        {
            Unmap(address, frames.Length);
            errno = new(Math.Abs(first));
            return null;
        }
        return new(this, address, frames.Length);
    }

    /// <exception cref="NativeCallException">The frames cannot be mapped.</exception>
    public ForeignMapping Map(uint domain, ReadOnlySpan<ulong> frames) =>
        TryMap(domain, frames, writable: true, out var errno) ?? throw new NativeCallException("xenforeignmemory_map", errno);

    /// <summary>Maps a resource that Xen keeps for a domain, such as an ioreq server's pages.</summary>
    /// <param name="type">XENMEM_resource_* of memory.h.</param>
    /// <returns>Null with the error.</returns>
    public ResourceMapping? TryMapResource(uint domain, uint type, uint id, ulong frame, int pages, out Errno errno)
    {
        nint address = 0;
        var resource = MapResource(_handle, (ushort)domain, type, id, (nuint)frame, (nuint)pages, &address, Read | Write, 0);
        errno = resource != 0 ? Errno.None : Errno.Last;
        return resource != 0 ? new(this, resource, address, pages) : null;
    }

    public void Dispose() => _handle.Dispose();

    internal void Unmap(nint address, int pages) => _ = Unmap(_handle, address, (nuint)pages);
    internal void UnmapResource(nint resource) => _ = UnmapResource(_handle, resource);

    [LibraryImport(XenLibraries.ForeignMemory, EntryPoint = "xenforeignmemory_map", SetLastError = true)]
    private static partial nint Map(Handle fmem, uint domain, int protection, nuint pages, ulong* frames, int* errors);

    [LibraryImport(XenLibraries.ForeignMemory, EntryPoint = "xenforeignmemory_unmap", SetLastError = true)]
    private static partial int Unmap(Handle fmem, nint address, nuint pages);

    [LibraryImport(XenLibraries.ForeignMemory, EntryPoint = "xenforeignmemory_map_resource", SetLastError = true)]
    private static partial nint MapResource(Handle fmem, ushort domain, uint type, uint id, nuint frame, nuint pages, nint* address, int protection, int flags);

    [LibraryImport(XenLibraries.ForeignMemory, EntryPoint = "xenforeignmemory_unmap_resource", SetLastError = true)]
    private static partial int UnmapResource(Handle fmem, nint resource);

    internal sealed partial class Handle : SafeHandle
    {
        public Handle() : base(0, ownsHandle: true)
        {
        }

        public override bool IsInvalid => handle == 0;

        public static Handle Open()
        {
            var opened = OpenMemory(XenQuiet.Logger, 0);
            return !opened.IsInvalid ? opened : throw new NativeCallException("xenforeignmemory_open", Errno.Last);
        }

        protected override bool ReleaseHandle() => CloseMemory(handle) == 0;

        [LibraryImport(XenLibraries.ForeignMemory, EntryPoint = "xenforeignmemory_open", SetLastError = true)]
        private static partial Handle OpenMemory(nint logger, uint flags);

        [LibraryImport(XenLibraries.ForeignMemory, EntryPoint = "xenforeignmemory_close")]
        private static partial int CloseMemory(nint fmem);
    }
}
