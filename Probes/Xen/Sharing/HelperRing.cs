using HvLab.Probes.Native.Linux;
using HvLab.Probes.Native.Xen;

namespace HvLab.Probes.Xen.Sharing;

/// <summary>The helper's end of a vm_event ring: one page of the domain, laid out as xen/io/ring.h says.</summary>
internal sealed class HelperRing : IDisposable
{
    private const int RequestsProduced = 0, RequestEvent = 4, ResponsesProduced = 8, ResponseEvent = 12, Entries = 64;
    private const uint Slots = 8; // the largest power of two of 400-byte entries in a page

    private readonly ForeignMapping _page;
    private readonly XenEventChannels _events = new();
    private uint _taken, _answered;
    private int _port = -1;

    public HelperRing(ForeignMapping page)
    {
        _page = page;
        _page.Bytes(0, _page.Length).Clear();
        _page.At<uint>(RequestEvent) = 1;
        _page.At<uint>(ResponseEvent) = 1;
    }

    public void Bind(uint domain, uint port)
    {
        _port = _events.Bind(domain, port, out var errno);
        errno.Require("xenevtchn_bind_interdomain");
    }

    public VmEvent? Take()
    {
        if (Volatile.Read(ref _page.At<uint>(RequestsProduced)) == _taken)
            return null;
        var request = _page.At<VmEvent>(At(_taken++));
        _page.At<uint>(RequestEvent) = _taken + 1;
        return request;
    }

    /// <summary>Puts the response on the ring; Xen is not told.</summary>
    public void Answer(in VmEvent response)
    {
        _page.At<VmEvent>(At(_answered++)) = response;
        Volatile.Write(ref _page.At<uint>(ResponsesProduced), _answered);
    }

    public Errno Notify() => _events.Notify(_port);

    public void Dispose()
    {
        _events.Dispose();
        _page.Dispose();
    }

    private static int At(uint index) => Entries + ((int)(index % Slots) * VmEvent.Size);
}
