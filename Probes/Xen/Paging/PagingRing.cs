using HvLab.Probes.Native.Linux;
using HvLab.Probes.Native.Xen;
using HvLab.Probes.Xen.Domains;
using HvLab.Reference.Xen;

namespace HvLab.Probes.Xen.Paging;

/// <summary>The pager's end of a vm_event ring (io/ring.h, the back end): takes requests, gives responses.</summary>
internal sealed class PagingRing : IDisposable
{
    // struct vm_event_sring: four counters, then entries at 64.
    private const int RequestsProduced = 0, RequestEvent = 4, ResponsesProduced = 8, ResponseEvent = 12, FirstEntry = 64;

    private readonly ForeignMapping _page;
    private readonly XenEventChannels _channels = new();
    private int _port = -1;
    private uint _taken, _given;

    private PagingRing(ForeignMapping page) => _page = page;

    /// <summary>Makes a ring in the domain's frame and enables paging on it.</summary>
    /// <param name="refused">What Xen said, where it did not want to.</param>
    /// <exception cref="NativeCallException">A step before or after that failed.</exception>
    public static PagingRing? Attach(XenDomain domain, ulong frame, out Errno refused)
    {
        var (control, id) = (domain.Host.Control, domain.Number);
        control.PopulateExact(id, [frame]).Require("xc_domain_populate_physmap_exact of the ring");
        var ring = new PagingRing(domain.Host.ForeignMemory.Map(id, [frame]));
        ring._page.Bytes(0, ring._page.Length).Clear();
        ring.Counter(RequestEvent) = 1;
        ring.Counter(ResponseEvent) = 1;
        refused = control.EnablePaging(id, out var remote);
        if (refused == Errno.None)
        {
            ring._port = ring._channels.Bind(id, remote, out var unbound);
            unbound.Require("xenevtchn_bind_interdomain");
        }
        else
        {
            ring.Dispose();
        }
        // Nobody but Xen and the pager has business with the ring.
        control.DecreaseReservationExact(id, [frame]).Require("xc_domain_decrease_reservation_exact of the ring");
        return refused == Errno.None ? ring : null;
    }

    public bool TryTake(out VmEvent request)
    {
        request = default;
        if (Volatile.Read(ref Counter(RequestsProduced)) == _taken)
            return false;
        request = Entry(_taken++);
        Volatile.Write(ref Counter(RequestEvent), _taken + 1);
        return true;
    }

    public void Give(in VmEvent response)
    {
        Entry(_given++) = response;
        Volatile.Write(ref Counter(ResponsesProduced), _given);
        _channels.Notify(_port).Require("xenevtchn_notify");
    }

    /// <summary>Lets the ring go; Xen is not told.</summary>
    public void Dispose()
    {
        if (_port >= 0)
            _ = _channels.Unbind(_port);
        _channels.Dispose();
        _page.Dispose();
    }

    private ref uint Counter(int offset) => ref _page.At<uint>(offset);
    private ref VmEvent Entry(uint number) => ref _page.At<VmEvent>(FirstEntry + ((int)(number % PagingGuest.RingSlots) * VmEvent.Size));
}
