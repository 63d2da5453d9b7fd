using HvLab.Reference.Xen;
using static HvLab.Reference.Xen.PagingSeen;

namespace HvLab.Reference.Models.Xen;

using Allowed = Allowed<PagingModel, PagingSeen>;

// What the guest does, and what becomes of it while nobody looks.
public sealed partial record PagingModel
{
    private const uint NoMemory = uint.MaxValue; // what a read of nothing gives

    public Allowed Read(VcpuId vcpu, Gfn page) => Begin(vcpu, new(WorkKind.Read, [page], page));
    public Allowed Fetch(VcpuId vcpu, Gfn page) => Begin(vcpu, new(WorkKind.Read, [page], page));
    public Allowed Write(VcpuId vcpu, Gfn page, uint word) => Begin(vcpu, new(WorkKind.Write, [page], page, word));
    public Allowed Add(VcpuId vcpu, Gfn page, uint word) => Begin(vcpu, new(WorkKind.Add, [page], page, word));
    public Allowed Copy(VcpuId vcpu, Gfn from, Gfn to) => Begin(vcpu, new(WorkKind.Copy, [from, to], to));
    public Allowed ReadThrough(VcpuId vcpu, Gfn table, Gfn page) => Begin(vcpu, new(WorkKind.Read, [table, page], page));
    public Allowed Release(VcpuId vcpu, Gfn buffer, Gfn victim) => Release(vcpu, [buffer], victim);
    public Allowed ReleaseThrough(VcpuId vcpu, Gfn table, Gfn buffer, Gfn victim) => Release(vcpu, [table, buffer], victim);

    public Allowed ReleaseUnpaged(VcpuId vcpu, Gfn buffer, Gfn victim) => Release(vcpu, [buffer], victim);

    public Allowed Await(VcpuId vcpu) =>
        Life == DomainLife.Destroyed || vcpu.Value >= Vcpus.Count || Vcpus[vcpu.Value].AtRest ? Refuse : LookAhead(vcpu.Value);

    private Allowed LookAhead(int vcpu) => Over(state => state.Look(vcpu), Vcpus[vcpu].Now.Touches.Union(Vcpus[vcpu].Now.Target), vcpu);

    private Allowed Release(VcpuId vcpu, ValueList<Gfn> touches, Gfn victim) =>
        Setup.Has(victim) && At(victim).Map != DomMap.None ? Refuse : Begin(vcpu, new(WorkKind.Release, touches, victim));

    private Allowed Begin(VcpuId vcpu, GuestWork work)
    {
        if (Life == DomainLife.Destroyed || vcpu.Value >= Vcpus.Count || !Vcpus[vcpu.Value].AtRest)
            return Refuse;
        return With(vcpu.Value, new() { Now = work }).LookAhead(vcpu.Value);
    }

    /// <summary>How a vCPU stands, once it is clear: while it can still run it is not.</summary>
    private Allowed Look(int vcpu)
    {
        var cpu = Vcpus[vcpu];
        if (cpu.Answer is { } answer)
            return Allowed.Only(answer, With(vcpu, new()));
        if (Life == DomainLife.Crashed)
            return Allowed.Only(new Crashed(), this, PagingRules.NoRing);
        if (Step(vcpu) is not null)
            return Allowed.None;
        return cpu.Rouse switch
        {
            Rouse.Paused => Allowed.Only(new Asleep(), this, PagingRules.Stopped),
            Rouse.Queued => Allowed.Only(new Asleep(), this, PagingRules.WaitSlot),
            _ => Allowed.Only(new Spinning(), this, PagingRules.RetriesFault),
        };
    }

    /// <summary>What the vCPU does next if it gets the chance, or null where it cannot do anything.</summary>
    private PagingModel? Step(int vcpu)
    {
        var cpu = Vcpus[vcpu];
        if (cpu.AtRest || cpu.Answer is not null || Life != DomainLife.Alive)
            return null;
        if (cpu.Rouse == Rouse.Woken)
            return Populate(vcpu, cpu, cpu.At);
        if (cpu.Rouse != Rouse.Awake)
            return null;
        if (cpu.CallFailed)
            return With(vcpu, cpu with { Answer = new Returned(0) });
        foreach (var touched in cpu.Now.Touches.AsSpan())
            switch (At(touched).Kind)
            {
                case PageKind.Paged when Has(PagingDefect.EvictedStaysReadable):
                case PageKind.Ram or PageKind.Hole:
                    continue;
                case PageKind.Coming or PageKind.Staying when cpu.Now.Kind != WorkKind.Release && !Has(PagingDefect.AskedTwice):
                    return null; // faults again and again
                default:
                    return Populate(vcpu, cpu, touched);
            }
        return Finish(vcpu, cpu);
    }

    /// <summary>p2m_mem_paging_populate, on behalf of a vCPU of the guest.</summary>
    private PagingModel Populate(int vcpu, PagingVcpu cpu, Gfn page)
    {
        if (!HasRing)
            return this with { Life = DomainLife.Crashed };
        if (FreeSlots <= 0 && !Has(PagingDefect.RingOverflows))
            return With(vcpu, cpu with { Rouse = Rouse.Queued, At = page }) with { Queue = Queue.Add(vcpu) };

        // A hypercall does not come back to the page: it returns.
        var called = cpu.Now.Kind == WorkKind.Release;
        if (!At(page).IsPaging)
            return With(vcpu, cpu with { Rouse = Rouse.Awake, CallFailed = called }).WakeQueued();
        var asked = With(vcpu, cpu with { Rouse = Rouse.Paused, At = page, CallFailed = called }).Asked(page);
        return Has(PagingDefect.SleepsWithoutRequest)
            ? asked
            : asked with { InRing = InRing.Add(RequestFor(page, new(vcpu), paused: true, foreign: false)) };
    }

    /// <summary>Any page on its way out is on its way in.</summary>
    private PagingModel Asked(Gfn page) => At(page) switch
    {
        { Kind: PageKind.PagingOut } here => With(page, here with { Kind = PageKind.Staying }),
        { Kind: PageKind.Paged } away => With(page, away with { Kind = PageKind.Coming }),
        _ => this,
    };

    private Request RequestFor(Gfn page, VcpuId vcpu, bool paused, bool foreign)
    {
        var kind = At(page).Kind;
        var way = kind switch { PageKind.PagingOut => PageWay.PagingOut, PageKind.Paged => PageWay.Paged, _ => PageWay.PagingIn };
        return new(page, vcpu, way, paused, foreign, EvictFailed: kind == PageKind.PagingOut && !Has(PagingDefect.RequestLacksEvictFail), Dropped: false);
    }

    /// <summary>The operation, with every page that it needs in place.</summary>
    private PagingModel Finish(int vcpu, PagingVcpu cpu)
    {
        PagingModel Ends(PagingModel state, PagingSeen answer) => state.With(vcpu, cpu with { Answer = answer });
        var (work, page) = (cpu.Now, At(cpu.Now.Target));
        var isHole = page.Kind == PageKind.Hole;
        switch (work.Kind)
        {
            case WorkKind.Read:
                return Ends(this, new Word(isHole ? NoMemory : page.Word));
            case WorkKind.Write:
                return Ends(isHole ? this : With(work.Target, page with { Word = work.Word }), new Completed());
            case WorkKind.Add:
                return Ends(isHole ? this : With(work.Target, page with { Word = page.Word + work.Word }), new Completed());
            case WorkKind.Copy:
                return Ends(isHole ? this : With(work.Target, page with { Word = At(work.Touches[0]).Word }), new Completed());
            default:
                return isHole ? Ends(this, new Returned(0)) : Ends(TakeAway(work.Target, byGuest: true), new Returned(1));
        }
    }
}
