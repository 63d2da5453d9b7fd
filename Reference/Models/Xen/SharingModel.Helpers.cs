using HvLab.Reference.Xen;
using static HvLab.Reference.Xen.SharingAnswer;

namespace HvLab.Reference.Models.Xen;

using Allowed = Allowed<SharingModel, SharingSeen>;

// Who stands beside a domain: the helper that finds memory, log-dirty mode, the pager.
public sealed partial record SharingModel
{
    public Allowed EnableRing(SharingDomain domain)
    {
        var it = At(domain);
        return it.Existence == SharingExistence.Gone ? Fail(XenError.Esrch, SharingRules.NoSuchDomain)
            : it.Ring ? Fail(XenError.Einval, SharingRules.RingTwice)
            : Only(new Done(), With(domain.Index, it with { Ring = true }));
    }

    public Allowed DisableRing(SharingDomain domain)
    {
        var it = At(domain);
        return it.Existence == SharingExistence.Gone ? Fail(XenError.Esrch, SharingRules.NoSuchDomain)
            : !it.Ring ? Fail(XenError.Einval, SharingRules.RingNotThere)
            : Only(new Done(), With(domain.Index, it with { Ring = false, Requests = [] }), SharingRules.RingDisabled);
    }

    public Allowed TakeRequest(SharingDomain domain)
    {
        var it = At(domain);
        if (it.Existence == SharingExistence.Gone || !it.Ring)
            return Refuse;
        if (it.Requests.Count == 0)
            return Only(new NoRequest(), this);
        var request = it.Requests[0];
        return Only(new Request(Setup.PageAt(request.Page), new(request.Vcpu), request.Paused),
            With(domain.Index, it with { Requests = it.Requests.RemoveAt(0), Taken = it.Taken.Add(request) }), SharingRules.EnomemRequest);
    }

    public Allowed Respond(SharingDomain domain, SharingKick kick)
    {
        if (!IsAlive(domain, out var it) || it.Paused || !it.Ring || it.Taken.Count == 0)
            return Refuse;
        var request = it.Taken[0];
        it = it with { Taken = it.Taken.RemoveAt(0) };
        return request.Paused
            ? Finish(domain, new(request.Vcpu), With(domain.Index, it with { Vcpus = it.Vcpus.Set(request.Vcpu, it.Vcpus[request.Vcpu] with { Paused = false }) }), SharingRules.Kick)
            : Only(new Done(), With(domain.Index, it).Settled(), SharingRules.Kick);
    }

    public Allowed Resume(SharingDomain domain)
    {
        var it = At(domain);
        return it.Existence == SharingExistence.Gone ? Fail(XenError.Esrch, SharingRules.NoSuchDomain)
            : !it.Ring ? Fail(XenError.Enodev, SharingRules.ResumeWithoutRing)
            : Only(new Done(), this, SharingRules.Kick);
    }

    public Allowed LogDirty(SharingDomain domain, bool enable)
    {
        if (!IsAlive(domain, out var it))
            return Refuse;
        return enable && it.LogDirty
            ? Fail(XenError.Einval, SharingRules.LogDirtyTwice)
            : Only(new Done(), With(domain.Index, it with { LogDirty = enable, Dirty = default }));
    }

    public Allowed ReadDirty(SharingDomain domain, bool clean)
    {
        if (!IsAlive(domain, out var it) || !it.LogDirty)
            return Refuse;
        ValueList<Gfn> dirty = [];
        for (var page = 0; page < Setup.Watched; page++)
            if (it.Dirty.Contains(page))
                dirty = dirty.Add(Setup.PageAt(page));
        return Only(new Dirty(dirty), clean ? With(domain.Index, it with { Dirty = default }) : this, SharingRules.DirtyWritten);
    }

    public Allowed EnablePaging(SharingDomain domain) =>
        !IsAlive(domain, out var it) || it.Pager ? Refuse : Only(new Done(), With(domain.Index, it with { Pager = true }));

    public Allowed PageOut(SharingDomain domain, Gfn page)
    {
        if (!IsAlive(domain, out var it) || !it.Pager || it.LogDirty || !Setup.IsWatched(page) || it.IsBusyWith(Setup.IndexOf(page)))
            return Refuse;
        var entry = EntryOf(new(domain, page));
        var fits = entry.Kind == SharingEntryKind.Private && !IsMapped(entry.Frame);
        if (!fits && !(Has(SharingDefect.SharedPageIsPagedOut) && entry.Kind == SharingEntryKind.Shared))
            return Fail(XenError.Ebusy, SharingRules.NotPageable);
        return Only(new Done(), With(domain.Index, it with
        {
            Owned = it.Owned - 1,
            PagedOut = it.PagedOut + 1,
            Entries = it.Entries.Set(Setup.IndexOf(page), new(SharingEntryKind.PagedOut, -1, Frames[entry.Frame].Content)),
        }));
    }

    public Allowed PageIn(SharingDomain domain, Gfn page)
    {
        if (!IsAlive(domain, out var it) || !it.Pager || it.LogDirty)
            return Refuse;
        var entry = EntryOf(new(domain, page));
        if (entry.Kind != SharingEntryKind.PagedOut)
            return Refuse;
        if (!it.HasRoom)
            return Fail(XenError.Enomem, SharingRules.LoadLimit);
        var then = this with { Frames = Frames.Add(new(entry.Kept)) };
        return Only(new Done(), then.With(domain.Index, it with
        {
            Owned = it.Owned + 1,
            PagedOut = it.PagedOut - 1,
            Entries = it.Entries.Set(Setup.IndexOf(page), new(SharingEntryKind.Private, Frames.Count)),
        }));
    }
}
