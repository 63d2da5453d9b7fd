using System.Runtime.InteropServices;
using HvLab.Probes.Native.Linux;

namespace HvLab.Probes.Native.Xen;

// What memory a domain has. Frame numbers are the guest's own; sizes in pages unless a name says otherwise.
public sealed unsafe partial class XenControl
{
    public Errno SetMaxMemory(uint domain, ulong kibibytes) => Check(DomainSetMaxMem(_handle, domain, kibibytes));

    /// <summary>Gives the domain 4 KiB pages at these frames: all of them or an error.</summary>
    public Errno PopulateExact(uint domain, ReadOnlySpan<ulong> frames)
    {
        fixed (ulong* list = frames)
            return Check(PopulatePhysmapExact(_handle, domain, (nuint)frames.Length, 0, 0, list));
    }

    /// <summary>Takes pages away: all of them or an error.</summary>
    public Errno DecreaseReservationExact(uint domain, ReadOnlySpan<ulong> frames)
    {
        fixed (ulong* list = frames)
            return Check(DecreaseReservationExact(_handle, domain, (nuint)frames.Length, 0, list));
    }

    /// <returns>How many pages Xen took away, or a negative number with the error.</returns>
    public int DecreaseReservation(uint domain, ReadOnlySpan<ulong> frames, out Errno errno)
    {
        fixed (ulong* list = frames)
        {
            var done = DecreaseReservation(_handle, domain, (nuint)frames.Length, 0, list);
            errno = Check(done);
            return done;
        }
    }

    /// <param name="space">XENMAPSPACE_* of memory.h.</param>
    public Errno AddToPhysmap(uint domain, uint space, ulong index, ulong frame) =>
        Check(DomainAddToPhysmap(_handle, domain, space, (nuint)index, frame));

    [LibraryImport(XenLibraries.Control, EntryPoint = "xc_domain_setmaxmem", SetLastError = true)]
    private static partial int DomainSetMaxMem(Handle xch, uint domain, ulong kibibytes);

    [LibraryImport(XenLibraries.Control, EntryPoint = "xc_shadow_control", SetLastError = true)]
    private static partial int ShadowControl(Handle xch, uint domain, uint operation, uint* mebibytes, uint mode);

    [LibraryImport(XenLibraries.Control, EntryPoint = "xc_domain_populate_physmap_exact", SetLastError = true)]
    private static partial int PopulatePhysmapExact(Handle xch, uint domain, nuint count, uint order, uint flags, ulong* frames);

    [LibraryImport(XenLibraries.Control, EntryPoint = "xc_domain_decrease_reservation_exact", SetLastError = true)]
    private static partial int DecreaseReservationExact(Handle xch, uint domain, nuint count, uint order, ulong* frames);

    [LibraryImport(XenLibraries.Control, EntryPoint = "xc_domain_decrease_reservation", SetLastError = true)]
    private static partial int DecreaseReservation(Handle xch, uint domain, nuint count, uint order, ulong* frames);

    [LibraryImport(XenLibraries.Control, EntryPoint = "xc_domain_add_to_physmap", SetLastError = true)]
    private static partial int DomainAddToPhysmap(Handle xch, uint domain, uint space, nuint index, ulong frame);
}
