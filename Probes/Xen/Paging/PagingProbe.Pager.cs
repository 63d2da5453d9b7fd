using System.Diagnostics;
using HvLab.GuestAgents.Payloads.Xen;
using HvLab.Probes.Native.Xen;
using HvLab.Probes.Xen.Domains;
using HvLab.Reference;
using HvLab.Reference.Xen;
using static HvLab.Reference.Xen.PagingSeen;

namespace HvLab.Probes.Xen.Paging;

// The pager: its ring, what it asks of Xen, and what it is asked.
public sealed partial class PagingProbe
{
    private const uint EvictFail = 2, DropPage = 1; // MEM_PAGING_*

    private readonly List<VmEvent> _unanswered = [];
    private PagingRing? _ring;

    public PagingSeen Attach()
    {
        if (_destroyed)
            return new Refused();
        var ring = PagingRing.Attach(_domain, RingFrame, out var refused);
        if (ring is not null)
        {
            LetRingGo();
            _ring = ring;
        }
        return Answer(refused);
    }

    public PagingSeen Detach()
    {
        if (_destroyed)
            return new Refused();
        var errno = _control.DisablePaging(_domain.Number);
        if (errno == Native.Linux.Errno.None)
            LetRingGo();
        return Answer(errno);
    }

    public PagingSeen Abandon()
    {
        if (_destroyed || _ring is null)
            return new Refused();
        LetRingGo();
        return new Done();
    }

    public PagingSeen Nominate(Gfn page) => OnPage(page, id => _control.NominateForPaging(id, page.Value));
    public PagingSeen Evict(Gfn page) => OnPage(page, id => _control.EvictPage(id, page.Value));
    public PagingSeen Prepare(Gfn page) => OnPage(page, id => _control.PreparePage(id, page.Value));

    public PagingSeen Load(Gfn page, uint word) => OnPage(page, id =>
    {
        Span<byte> content = stackalloc byte[Gfn.PageSize];
        PagingPage.Fill(content, word);
        return _control.LoadPage(id, page.Value, content);
    });

    public PagingSeen Take()
    {
        if (_destroyed || _ring is not { } ring)
            return new Refused();
        var settling = new Settling(_domain, _work.Where(work => work.IsBusy).Select(work => work.Vcpu), _bounds);
        var start = Stopwatch.GetTimestamp();
        while (true)
        {
            // Asked first: a request of a vCPU that has settled is found by the look behind it.
            var nobodyWillAsk = settling.IsOver();
            if (ring.TryTake(out var request))
            {
                _unanswered.Add(request);
                return Describe(request);
            }
            if (nobodyWillAsk)
                return new NoRequest();
            if (Stopwatch.GetElapsedTime(start).TotalMilliseconds > _bounds.GiveUpMs)
                return new Nothing();
        }
    }

    public PagingSeen Respond(Gfn page, VcpuId vcpu)
    {
        var index = _unanswered.FindIndex(request => request.Gfn == page.Value);
        if (_destroyed || _ring is null || index < 0)
            return new Refused();
        var response = _unanswered[index] with { VcpuId = (uint)vcpu.Value };
        _unanswered.RemoveAt(index);
        _ring.Give(response);
        return new Done();
    }

    public PagingSeen RespondForPredecessor(Gfn page, VcpuId vcpu)
    {
        if (_destroyed || _ring is null || !PagingGuest.Has(page))
            return new Refused();
        _ring.Give(new()
        {
            Version = VmEvent.InterfaceVersion, Flags = VmEvent.FlagVcpuPaused, Reason = VmEvent.ReasonMemPaging,
            VcpuId = (uint)vcpu.Value, Gfn = page.Value,
        });
        return new Done();
    }

    private void LetRingGo()
    {
        _ring?.Dispose();
        _ring = null;
        _unanswered.Clear();
    }

    private static Request Describe(in VmEvent request) => new(
        new(request.Gfn), new((int)request.VcpuId),
        request.P2mType is 9 or 10 or 11 ? (PageWay)request.P2mType : PageWay.Other,
        (request.Flags & VmEvent.FlagVcpuPaused) != 0, (request.Flags & VmEvent.FlagForeign) != 0,
        (request.PagingFlags & EvictFail) != 0, (request.PagingFlags & DropPage) != 0);
}
