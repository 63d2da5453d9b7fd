using HvLab.Probes.Native.Linux;
using HvLab.Probes.Native.Xen;
using HvLab.Reference;
using HvLab.Reference.Xen;
using static HvLab.Reference.Xen.SharingAnswer;

namespace HvLab.Probes.Xen.Sharing;

// Who stands beside a domain: its ENOMEM helper, log-dirty mode, its pager.
public sealed partial class SharingProbe
{
    public SharingSeen EnableRing(SharingDomain domain)
    {
        var machine = At(domain);
        if (machine.IsGone || machine.Ring is not null)
            return Called(_control.EnableSharingRing(machine.Number, out _));
        var ring = machine.MapSharingRing();
        var errno = _control.EnableSharingRing(machine.Number, out var port);
        if (errno != Errno.None)
        {
            ring.Dispose();
            return Called(errno);
        }
        machine.Ring = ring;
        ring.Bind(machine.Number, port);
        return See(new Done());
    }

    public SharingSeen DisableRing(SharingDomain domain)
    {
        var machine = At(domain);
        var errno = _control.DisableSharingRing(machine.Number);
        if (errno == Errno.None)
        {
            machine.Ring?.Dispose();
            machine.Ring = null;
        }
        return Called(errno);
    }

    public SharingSeen TakeRequest(SharingDomain domain)
    {
        var machine = At(domain);
        if (machine.IsGone || machine.Ring is not { } ring)
            return See(new Refused());
        if (ring.Take() is not { } request)
            return See(new NoRequest());
        machine.Taken.Enqueue(request);
        return See(new Request(new(request.Gfn), new((int)request.VcpuId), (request.Flags & VmEvent.FlagVcpuPaused) != 0));
    }

    public SharingSeen Respond(SharingDomain domain, SharingKick kick)
    {
        var machine = At(domain);
        if (!IsAlive(machine) || machine.IsPaused || machine.Ring is not { } ring || machine.Taken.Count == 0)
            return See(new Refused());
        var request = machine.Taken.Dequeue();
        ring.Answer(request);
        var errno = kick == SharingKick.Event ? ring.Notify() : _control.ResumeSharing(machine.Number);
        if (errno != Errno.None)
            return Called(errno);
        return See((request.Flags & VmEvent.FlagVcpuPaused) != 0
            ? Watch(domain, machine.Domain.Vcpus[(int)request.VcpuId])
            : new Done());
    }

    public SharingSeen Resume(SharingDomain domain) => Called(_control.ResumeSharing(At(domain).Number));

    public SharingSeen LogDirty(SharingDomain domain, bool enable)
    {
        var machine = At(domain);
        if (!IsAlive(machine))
            return See(new Refused());
        var errno = enable ? _control.EnableLogDirty(machine.Number) : _control.DisableLogDirty(machine.Number);
        if (errno == Errno.None)
            machine.LogDirty = enable;
        return Called(errno);
    }

    public SharingSeen ReadDirty(SharingDomain domain, bool clean)
    {
        var machine = At(domain);
        if (!IsAlive(machine) || !machine.LogDirty)
            return See(new Refused());
        var pages = (int)SharingGuest.FirstWatched.Value + SharingGuest.Watched;
        var errno = _control.ReadDirty(machine.Number, pages, clean, out var dirty);
        return errno != Errno.None
            ? Called(errno)
            : See(new Dirty([.. dirty.Select(frame => new Gfn(frame)).Where(SharingMachine.IsWatched)]));
    }

    public SharingSeen EnablePaging(SharingDomain domain)
    {
        var machine = At(domain);
        if (!IsAlive(machine) || machine.Pager is not null)
            return See(new Refused());
        var ring = machine.MapPagingRing();
        var errno = _control.EnablePaging(machine.Number, out var port);
        if (errno != Errno.None)
        {
            ring.Dispose();
            return Called(errno);
        }
        machine.Pager = ring;
        ring.Bind(machine.Number, port);
        return See(new Done());
    }

    public SharingSeen PageOut(SharingDomain domain, Gfn page)
    {
        var machine = At(domain);
        if (!IsAlive(machine) || machine.Pager is null || machine.LogDirty || !SharingMachine.IsWatched(page) || machine.IsBusyWith(page))
            return See(new Refused());
        var errno = _control.NominateForPaging(machine.Number, page.Value);
        if (errno != Errno.None)
            return Called(errno);
        var kept = MemoryMapping.Anonymous(Gfn.PageSize);
        using (var mapping = _host.ForeignMemory.Map(machine.Number, [page.Value]))
            mapping.Bytes(0, Gfn.PageSize).CopyTo(kept.Bytes(0, Gfn.PageSize));
        errno = _control.EvictPage(machine.Number, page.Value);
        if (errno == Errno.None)
            machine.PagedOut[page] = kept;
        else
            kept.Dispose();
        return Called(errno);
    }

    public SharingSeen PageIn(SharingDomain domain, Gfn page)
    {
        var machine = At(domain);
        if (!IsAlive(machine) || machine.Pager is null || machine.LogDirty || !machine.PagedOut.TryGetValue(page, out var kept))
            return See(new Refused());
        var errno = _control.LoadPage(machine.Number, page.Value, kept.Bytes(0, Gfn.PageSize));
        if (errno == Errno.None)
        {
            machine.PagedOut.Remove(page);
            kept.Dispose();
        }
        return Called(errno);
    }
}
