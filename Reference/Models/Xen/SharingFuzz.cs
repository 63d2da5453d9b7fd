using HvLab.Reference.Models.Fuzz;
using HvLab.Reference.Xen;
using static HvLab.Reference.Xen.SharingOp;

namespace HvLab.Reference.Models.Xen;

/// <summary>Xen's page sharing in random plans: two domains, three of their pages, one of them a hole.</summary>
/// <param name="memory">Also take a domain's memory away, and let a helper give it back. Xen does not survive every plan that does.</param>
public sealed class SharingFuzz(SharingSetup? setup = null, bool memory = false) : FuzzSubject<SharingModel, SharingOp, SharingSeen>
{
    /// <summary>Of every plan.</summary>
    public const int Domains = 2, Vcpus = 1;

    private static readonly SharingDomain A = new(0), B = new(1);
    private static readonly VcpuId Cpu0 = new(0);

    private readonly SharingSetup _setup = setup ?? new(SharingGuest.FirstWatched);

    public override string Name => "xen-sharing";

    public override IReadOnlyList<Choice<SharingOp>> Operations { get; } = [.. Make([0, 1, SharingGuest.Populated]), .. memory ? WithoutMemory : []];

    public override IReadOnlyList<Opening<SharingOp>> Openings { get; } =
    [
        new(4, new Control(A, true), new Control(B, true)),
        new(6, new Control(A, true), new Control(B, true), new Nominate(A, Page(0), new(0)), new Nominate(B, Page(0), new(1)),
            new Share(new(A, Page(0)), new(0), new(B, Page(0)), new(1))),
        .. memory ? [new Opening<SharingOp>(4, new Control(A, true), new Control(B, true), new Nominate(A, Page(0), new(0)), new Nominate(B, Page(0), new(1)),
            new Share(new(A, Page(0)), new(0), new(B, Page(0)), new(1)), new SetSpare(B, 0))] : (Opening<SharingOp>[])[],
    ];

    public override SharingModel StartOf(IReadOnlyCollection<string> quirks) => SharingModel.AtStart(_setup, Domains, Vcpus);

    public override Allowed<SharingModel, SharingSeen> Apply(SharingOp operation, SharingModel state)
    {
        ArgumentNullException.ThrowIfNull(operation);
        return operation.On(state);
    }

    public override bool IsRefusal(SharingSeen seen)
    {
        ArgumentNullException.ThrowIfNull(seen);
        return seen.Answer is SharingAnswer.Refused;
    }

    public override bool IsSlow(SharingSeen seen)
    {
        ArgumentNullException.ThrowIfNull(seen);
        return seen.Answer is SharingAnswer.NoRequest or SharingAnswer.Unclear;
    }

    public override string KindOf(SharingSeen seen)
    {
        ArgumentNullException.ThrowIfNull(seen);
        return seen.Answer is SharingAnswer.Failed failed ? $"{failed.Error}" : KebabName.Of(seen.Answer.GetType());
    }

    public override string ShapeOf(SharingModel state, SharingOp operation)
    {
        var (domain, page) = PlaceOf(operation);
        if (domain is not { } at || at.Index >= state.Domains.Count)
            return $"{state.Frames.Count(frame => frame.Shared && frame.References > 1) switch { 0 => "nothing", 1 => "one frame", _ => "frames" }} shared";
        var it = state.Domains[at.Index];
        var entry = page is { } gfn && state.Setup.IsWatched(gfn) && state.Setup.IndexOf(gfn) < it.Entries.Count ? it.Entries[state.Setup.IndexOf(gfn)] : SharingEntry.Hole;
        var frame = entry.Frame < 0 ? default : state.Frames[entry.Frame];
        return $"domain {KebabName.Of(it.Existence)}{(it.Paused ? " paused" : "")}{(it.Enabled ? "" : " off")}{(it.HasRoom ? "" : " full")}{(it.Ring ? " with helper" : "")}{(it.LogDirty ? " logged" : "")}"
            + (page is null ? "" : $"; page {KebabName.Of(entry.Kind)}{(frame.References > 1 ? " by several" : "")}{(state.Maps.Any(map => map?.Frame == entry.Frame && entry.Frame >= 0) ? ", mapped" : "")}");
    }

    public override (SharingModel Start, IReadOnlyList<SharingOp> Operations) Bounded => (
        SharingModel.AtStart(_setup with { Watched = 2, Populated = 1 }, Domains, Vcpus, 2, 1),
        [.. Make([0]).Select(choice => choice.Operation).Where(operation => operation is not (LogDirty or ReadDirty or Pause or Unpause))]);

    public override string BoundedTo => "2 domains of 1 page, 2 handles, 1 map, without log-dirty and pauses";

    private static IEnumerable<Choice<SharingOp>> Make(int[] pages)
    {
        foreach (var (domain, other) in (ValueTuple<SharingDomain, SharingDomain>[])[(A, B), (B, A)])
        {
            yield return new(10, new Control(domain, true));
            yield return new(1, new Control(domain, false));
            foreach (var page in pages)
            {
                foreach (var handle in Enumerable.Range(0, 2))
                    yield return new(8, new Nominate(domain, Page(page), new(handle)));
                foreach (var (source, client) in (ValueTuple<int, int>[])[(0, 1), (1, 0)])
                    yield return new(6, new Share(new(domain, Page(page)), new(source), new(other, Page(pages[0])), new(client)));
                yield return new(2, new AddToPhysmap(new(domain, Page(page)), new(0), new(other, Page(pages[^1]))));
                yield return new(6, new CountReferences(domain, Page(page)));
                foreach (var word in (SharingWord[])[SharingWord.First, SharingWord.Last])
                    yield return new(6, new Write(domain, Cpu0, Page(page), word, 0x1234));
                yield return new(4, new Read(domain, Cpu0, Page(page), SharingWord.First));
                yield return new(2, new Map(new(0), domain, Page(page), Writable: false));
                yield return new(2, new Map(new(0), domain, Page(page), Writable: true));
                yield return new(1, new Remove(domain, Page(page)));
                yield return new(2, new Populate(domain, Page(page)));
            }
            yield return new(6, new RangeShare(domain, other, Page(pages[0]), Page(pages[0])));
            yield return new(3, new Pause(domain));
            yield return new(6, new Unpause(domain));
            yield return new(3, new LogDirty(domain, true));
            yield return new(2, new LogDirty(domain, false));
            yield return new(4, new ReadDirty(domain, Clean: true));
            yield return new(3, new ReadDirty(domain, Clean: false));
            yield return new(1, new Destroy(domain));
            yield return new(6, new Create(domain));
        }
        yield return new(8, new WriteMap(new(0), SharingWord.Last, 0x4321));
        yield return new(8, new Unmap(new(0)));
    }

    private static IEnumerable<Choice<SharingOp>> WithoutMemory =>
    [
        new(6, new EnableRing(B)), new(3, new DisableRing(B)), new(10, new TakeRequest(B)), new(10, new Respond(B, SharingKick.Event)), new(3, new Resume(B)),
        new(6, new SetSpare(B, 0)), new(4, new SetSpare(B, 1)), new(10, new Await(B, Cpu0)),
        new(3, new EnablePaging(B)), new(3, new PageOut(B, Page(0))), new(4, new PageIn(B, Page(0))),
    ];

    private static (SharingDomain? Domain, Gfn? Page) PlaceOf(SharingOp operation) => operation switch
    {
        Control op => (op.Domain, null),
        Nominate op => (op.Domain, op.Page),
        Share op => (op.Client.Domain, op.Client.Gfn),
        AddToPhysmap op => (op.Client.Domain, op.Client.Gfn),
        RangeShare op => (op.Client, op.First),
        CountReferences op => (op.Domain, op.Page),
        Write op => (op.Domain, op.Page),
        Read op => (op.Domain, op.Page),
        Await op => (op.Domain, null),
        Map op => (op.Domain, op.Page),
        Remove op => (op.Domain, op.Page),
        Populate op => (op.Domain, op.Page),
        SetSpare op => (op.Domain, null),
        EnableRing op => (op.Domain, null),
        TakeRequest op => (op.Domain, null),
        Respond op => (op.Domain, null),
        LogDirty op => (op.Domain, null),
        ReadDirty op => (op.Domain, null),
        PageOut op => (op.Domain, op.Page),
        PageIn op => (op.Domain, op.Page),
        Destroy op => (op.Domain, null),
        Create op => (op.Domain, null),
        _ => (null, null),
    };

    private static Gfn Page(int index) => new(SharingGuest.FirstWatched.Value + (ulong)index);
}
