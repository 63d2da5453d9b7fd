using HvLab.Reference.Xen;
using static HvLab.Reference.Xen.SharingAnswer;

namespace HvLab.Reference.Models.Xen;

using Allowed = Allowed<SharingModel, SharingSeen>;

/// <summary>Page sharing between HVM domains with nested paging: one frame, many readers, a copy for who writes.</summary>
/// <remarks>
/// Where the public header says what a call does, the model does that; where it is silent, what the source says it means to do.
/// Out of scope: grant references, forks, altp2m and nested guests; superpages; two dom0 threads at once; memory that Xen itself lacks (-ENOMEM
/// of its own allocations); a domain that is destroyed while dom0 maps, through another domain, what has become its own; guests that touch holes or pages that are out (the paging subsystem's); what a frame holds before somebody filled it.
/// </remarks>
public sealed partial record SharingModel : ISharing<Allowed>
{
    private const int Unassigned = -2, Stale = -1;

    public required SharingSetup Setup { get; init; }
    public required ValueList<SharingDomainState> Domains { get; init; }
    public required ValueList<SharingFrame> Frames { get; init; }
    /// <summary>The shared frame whose handle a name stands for; -1 where that handle is no longer any frame's, -2 where there never was one.</summary>
    public required ValueList<int> Handles { get; init; }
    public required ValueList<SharingForeignMap?> Maps { get; init; }
    /// <summary>Xen's nr_saved_mfns.</summary>
    public int Freed { get; init; }
    /// <summary>Xen's nr_shared_mfns.</summary>
    public int Used { get; init; }

    /// <summary>Domains just made, with sharing off; their populated pages hold the same.</summary>
    public static SharingModel AtStart(SharingSetup setup, int domains, int vcpus, int handles = SharingHandle.Names, int maps = SharingMap.Names)
    {
        ArgumentNullException.ThrowIfNull(setup);
        var model = new SharingModel
        {
            Setup = setup,
            Domains = [.. Enumerable.Repeat(SharingDomainState.Gone with { Vcpus = [.. new SharingVcpu[vcpus]] }, domains)],
            Frames = [],
            Handles = [.. Enumerable.Repeat(Unassigned, handles)],
            Maps = [.. new SharingForeignMap?[maps]],
        };
        for (var index = 0; index < domains; index++)
            model = model.Born(index);
        return model;
    }

    public Allowed Create(SharingDomain domain) =>
        At(domain).Existence != SharingExistence.Gone ? Refuse : Only(new Done(), Born(domain.Index));

    public Allowed Pause(SharingDomain domain) =>
        !IsAlive(domain, out var it) || it.Paused ? Refuse : Only(new Done(), With(domain.Index, it with { Paused = true }));

    public Allowed Unpause(SharingDomain domain) =>
        !IsAlive(domain, out var it) ? Refuse
        : !it.Paused ? Fail(XenError.Einval, SharingRules.UnpausedTwice)
        : Only(new Done(), With(domain.Index, it with { Paused = false }));

    public Allowed SetSpare(SharingDomain domain, int spare)
    {
        var it = At(domain);
        return it.Existence == SharingExistence.Gone ? Refuse : Only(new Done(), With(domain.Index, it with { Limit = it.Owned + spare }));
    }

    public Allowed Destroy(SharingDomain domain)
    {
        var it = At(domain);
        if (it.Existence == SharingExistence.Gone)
            return Fail(XenError.Esrch, SharingRules.NoSuchDomain);
        foreach (ref readonly var map in Maps.AsSpan())
            if (map is { } held && (held.Writable || held.Domain == domain.Index))
                return Refuse; // what dom0 maps may be this domain's own, and then it would linger until dom0 lets go
        var then = this;
        for (var page = 0; page < it.Entries.Count; page++)
            if (it.Entries[page].Kind == SharingEntryKind.Shared)
                then = then.Relinquish(it.Entries[page].Frame);
        return Only(new Done(), then.With(domain.Index, SharingDomainState.Gone with { Vcpus = [.. new SharingVcpu[it.Vcpus.Count]] }), SharingRules.Relinquished);
    }

    /// <summary>One page of a dying domain no longer refers to the frame.</summary>
    private SharingModel Relinquish(int number)
    {
        if (Has(SharingDefect.DestroyKeepsReferences))
            return this;
        var frame = Frames[number];
        return frame.References == 1
            ? WithFrame(number, frame with { Shared = false, References = 0 }) with { Used = Used - 1 }
            : WithFrame(number, frame with { References = frame.References - 1 }) with { Freed = Freed - 1 };
    }

    private SharingModel Born(int index)
    {
        var frames = Frames;
        ValueList<SharingEntry> entries = [];
        for (var page = 0; page < Setup.Watched; page++)
            if (page < Setup.Populated)
            {
                entries = entries.Add(new(SharingEntryKind.Private, frames.Count));
                frames = frames.Add(Fresh(page));
            }
            else
                entries = entries.Add(SharingEntry.Hole);
        return With(index, new() { Entries = entries, Vcpus = Domains[index].Vcpus }) with { Frames = frames };
    }

    private SharingFrame Fresh(int page) => new(SharingContent.Filled(SharingGuest.Fill(Setup.PageAt(page))));

    // A domain that the plan does not have is answered like one that is gone.
    private SharingDomainState At(SharingDomain domain) => domain.Index < Domains.Count ? Domains[domain.Index] : SharingDomainState.Gone;

    private bool IsAlive(SharingDomain domain, out SharingDomainState it) => (it = At(domain)).Existence == SharingExistence.Alive;

    /// <summary>The domain's guest could run, and so can this vCPU.</summary>
    private bool IsAtRest(SharingDomain domain, VcpuId vcpu, out SharingDomainState it) =>
        IsAlive(domain, out it) && !it.Paused && vcpu.Value < it.Vcpus.Count && !it.Vcpus[vcpu.Value].Unfinished;

    private bool IsMapped(int frame)
    {
        foreach (ref readonly var map in Maps.AsSpan())
            if (map is { } held && held.Frame == frame)
                return true;
        return false;
    }

    private SharingModel With(int domain, SharingDomainState it) => this with { Domains = Domains.Set(domain, it) };
    private SharingModel WithFrame(int number, SharingFrame frame) => this with { Frames = Frames.Set(number, frame) };
    private SharingModel WithEntry(int domain, int page, SharingEntry entry) => With(domain, Domains[domain] with { Entries = Domains[domain].Entries.Set(page, entry) });

    private bool Has(SharingDefect defect) => Setup.Defect == defect;

    private Allowed Refuse => Allowed.Only(new(new Refused(), World()), this);
    private Allowed Fail(XenError errno, Rule? rule = null) => Allowed.Only(new(new Failed(errno), World()), this, rule);

    private static Allowed Only(SharingAnswer answer, SharingModel then, Rule? rule = null)
    {
        var settled = then.Canonical();
        return Allowed.Only(new(answer, settled.World()), settled, rule);
    }
}
