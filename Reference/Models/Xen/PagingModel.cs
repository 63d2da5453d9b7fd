using HvLab.Reference.Xen;
using static HvLab.Reference.Xen.PagingSeen;

namespace HvLab.Reference.Models.Xen;

using Allowed = Allowed<PagingModel, PagingSeen>;

/// <summary>Xen's memory paging as its interface documents it: nominate, evict, ask, load, answer, and the wait queue before a full ring.</summary>
/// <remarks>
/// Out of scope: several pagers; PoD, sharing, log-dirty and altp2m beside paging; accesses to a page that was taken from the
/// guest other than plain reads and writes; detaching while a vCPU has left the wait queue and not run yet; maps of pages
/// that are released meanwhile. A vCPU that can run does so at any time before it is looked at: every operation begins with
/// what may have happened since the last one (see <see cref="Over"/>).
/// </remarks>
public sealed partial record PagingModel : IPaging<Allowed>
{
    private const int SpareAtStart = 64;

    public required PagingSetup Setup { get; init; }
    public required ValueList<GuestPage> Pages { get; init; }
    public required ValueList<PagingVcpu> Vcpus { get; init; }
    public Pager Pager { get; init; }
    /// <summary>Requests that the pager has not taken, oldest first.</summary>
    public ValueList<Request> InRing { get; init; }
    /// <summary>Requests that it took and has not answered, oldest first. They keep their slots.</summary>
    public ValueList<Request> Taken { get; init; }
    /// <summary>Slots that answers without a request gave Xen for nothing.</summary>
    public int ExtraSlots { get; init; }
    /// <summary>vCPUs that wait for a slot, longest first.</summary>
    public ValueList<int> Queue { get; init; }
    /// <summary>Xen's count of pages that are paged out.</summary>
    public int PagedPages { get; init; }
    /// <summary>Pages that the domain has more than at the start.</summary>
    public int Present { get; init; }
    /// <summary>Pages that it may have besides.</summary>
    public int Spare { get; init; } = SpareAtStart;
    public DomainLife Life { get; init; }

    /// <summary>A domain whose pages are all there, without a pager.</summary>
    public static PagingModel AtStart(PagingSetup setup, int vcpus)
    {
        ArgumentNullException.ThrowIfNull(setup);
        return new()
        {
            Setup = setup,
            Pages = [.. Enumerable.Range(0, setup.Pages).Select(index => new GuestPage(PageKind.Ram, PagingGuest.FirstWord(new(setup.First.Value + (ulong)index)), DomMap.None))],
            Vcpus = [.. Enumerable.Repeat(new PagingVcpu(), vcpus)],
        };
    }

    private bool HasRing => Pager != Pager.None;
    private int FreeSlots => Setup.Slots + ExtraSlots - InRing.Count - Taken.Count;
    private Allowed Refuse => Allowed.Only(new Refused(), this, PagingRules.RefusedDoesNothing);

    private GuestPage At(Gfn page) => Pages[Setup.IndexOf(page)];
    private PagingModel With(Gfn page, GuestPage now) => this with { Pages = Pages.Set(Setup.IndexOf(page), now) };
    private PagingModel With(int vcpu, PagingVcpu now) => this with { Vcpus = Vcpus.Set(vcpu, now) };
    private bool Has(PagingDefect defect) => Setup.Defect == defect;

    private static Allowed Error(XenError error, PagingModel then, Rule? rule = null) => Allowed.Only(new Failed(error), then, rule);
    private Allowed Error(XenError error, Rule? rule = null) => Error(error, this, rule);

    /// <summary>What the operation may answer, from every state that the domain may have come to by itself.</summary>
    /// <param name="pages">Pages that the operation has to do with.</param>
    /// <param name="vcpu">The vCPU that it has to do with, or -1.</param>
    private Allowed Over(Func<PagingModel, Allowed> operation, ValueList<Gfn> pages, int vcpu = -1)
    {
        var futures = Futures(pages, vcpu);
        if (futures.Count == 1)
            return operation(futures[0]);
        var allowed = Allowed.None;
        foreach (var future in futures)
            foreach (ref readonly var alternative in operation(future).Alternatives)
            {
                var (seen, then) = alternative;
                allowed.Or(seen, then, alternative.Rule);
            }
        return allowed;
    }

    /// <summary>
    /// This state, and what vCPUs and waiting maps can make of it without anybody's help. An access that only has to end, on
    /// pages that nobody asks about now, is left for later: when it ends makes no difference yet.
    /// </summary>
    private List<PagingModel> Futures(ValueList<Gfn> pages, int concerned)
    {
        var futures = new List<PagingModel>(2) { this };
        for (var index = 0; index < futures.Count; index++)
        {
            var state = futures[index];
            if (state.Life == DomainLife.Destroyed)
                continue;
            for (var vcpu = 0; vcpu < state.Vcpus.Count; vcpu++)
                if ((vcpu == concerned || state.Asks(vcpu) || Meet(state.Vcpus[vcpu].Now, pages))
                    && state.Step(vcpu) is { } next && !futures.Contains(next))
                    futures.Add(next);
            for (var page = 0; page < state.Pages.Count; page++)
                if (state.StepMap(page) is { } next && !futures.Contains(next))
                    futures.Add(next);
        }
        return futures;
    }

    private static bool Meet(GuestWork work, ValueList<Gfn> pages)
    {
        foreach (var page in pages.AsSpan())
            if (work.Target == page || work.Touches.Contains(page))
                return true;
        return false;
    }

    /// <summary>True where no vCPU can ask for anything any more.</summary>
    private bool IsQuiet
    {
        get
        {
            for (var vcpu = 0; vcpu < Vcpus.Count; vcpu++)
                if (Asks(vcpu) && Step(vcpu) is not null)
                    return false;
            return true;
        }
    }

    /// <summary>True where the vCPU's next step has to do with the ring or with memory, and not with its own access only.</summary>
    private bool Asks(int vcpu)
    {
        var cpu = Vcpus[vcpu];
        if (cpu.Rouse == Rouse.Woken || cpu.Now.Kind == WorkKind.Release)
            return true;
        foreach (var page in cpu.Now.Touches.AsSpan())
            if (At(page).IsPaging)
                return true;
        return false;
    }

    /// <summary>Takes vCPUs out of the wait queue, one for each free slot.</summary>
    private PagingModel WakeQueued()
    {
        if (Has(PagingDefect.SleepersStayAsleep))
            return this;
        var state = this;
        for (var free = FreeSlots; free > 0 && state.Queue.Count > 0; free--)
        {
            var first = Has(PagingDefect.SleeperPassedOver) ? state.Queue.Count - 1 : 0;
            var vcpu = state.Queue[first];
            state = state.With(vcpu, state.Vcpus[vcpu] with { Rouse = Rouse.Woken }) with { Queue = state.Queue.RemoveAt(first) };
        }
        return state;
    }
}
