using HvLab.Probes.Native.Linux;

namespace HvLab.Probes.Native.Xen;

// Maps of which some pages may fail.
public sealed unsafe partial class XenForeignMemory
{
    /// <summary>Maps frames of a domain, in this order; those with an error are not there and must not be touched.</summary>
    /// <param name="errors">One a frame: none where it is mapped.</param>
    /// <returns>Null where nothing could be mapped at all; then every frame has an error.</returns>
    public ForeignMapping? TryMapEach(uint domain, ReadOnlySpan<ulong> frames, bool writable, Span<Errno> errors)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(errors.Length, frames.Length);
        var failed = new int[frames.Length];
        nint address;
        // SAFETY: one frame and one error number a page.
        fixed (ulong* list = frames)
        fixed (int* each = failed)
            address = Map(_handle, domain, writable ? Read | Write : Read, (nuint)frames.Length, list, each);
        var all = address == 0 ? Errno.Last : Errno.None;
        for (var page = 0; page < errors.Length; page++)
            errors[page] = failed[page] != 0 ? new(Math.Abs(failed[page])) : all;
        return address == 0 ? null : new(this, address, frames.Length);
    }
}
