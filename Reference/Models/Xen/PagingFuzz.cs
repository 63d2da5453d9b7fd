using HvLab.Reference.Models.Fuzz;
using HvLab.Reference.Xen;
using static HvLab.Reference.Xen.PagingOp;

namespace HvLab.Reference.Models.Xen;

/// <summary>Xen's memory paging in random plans: two vCPUs, three pages, a pager that comes and goes.</summary>
/// <remarks>Left out: releasing pages and taking them from the guest, and types of pages, where Xen is known to deviate and nothing after it can be judged.</remarks>
public sealed class PagingFuzz(PagingSetup? setup = null) : FuzzSubject<PagingModel, PagingOp, PagingSeen>
{
    /// <summary>Of every plan.</summary>
    public const int Vcpus = 2;
    private const int Pages = 3;

    private readonly PagingSetup _setup = setup ?? new(PagingGuest.FirstPage, PagingGuest.PageCount);

    public override string Name => "xen-paging";

    public override IReadOnlyList<Choice<PagingOp>> Operations { get; } = [.. Make(Vcpus, Pages)];

    public override IReadOnlyList<Opening<PagingOp>> Openings { get; } =
    [
        new(1),
        new(5, new Attach()),
        new(5, new Attach(), new Nominate(PagingGuest.Page(0)), new PagingOp.Evict(PagingGuest.Page(0))),
    ];

    public override PagingModel StartOf(IReadOnlyCollection<string> quirks) => PagingModel.AtStart(_setup, Vcpus);

    public override Allowed<PagingModel, PagingSeen> Apply(PagingOp operation, PagingModel state)
    {
        ArgumentNullException.ThrowIfNull(operation);
        return operation.On(state);
    }

    public override bool IsRefusal(PagingSeen seen) => seen is PagingSeen.Refused;
    public override bool IsSlow(PagingSeen seen) => seen is PagingSeen.NoRequest or PagingSeen.Nothing or PagingSeen.Dying;
    public override string KindOf(PagingSeen seen) => seen is PagingSeen.Failed failed ? $"{failed.Error}" : base.KindOf(seen);

    public override string ShapeOf(PagingModel state, PagingOp operation)
    {
        if (state.Life != DomainLife.Alive)
            return $"domain {KebabName.Of(state.Life)}";
        var pager = $"pager {KebabName.Of(state.Pager)}, ring {Many(state.InRing.Count)}, taken {Many(state.Taken.Count)}{(state.Queue.Count > 0 ? ", queue" : "")}{(state.Spare <= 0 ? ", no memory" : "")}";
        var vcpu = VcpuOf(operation) is { } id && id.Value < state.Vcpus.Count
            ? $"; vcpu {KebabName.Of(state.Vcpus[id.Value].Now.Kind)} {KebabName.Of(state.Vcpus[id.Value].Rouse)}" : "";
        var page = PageOf(operation) is { } gfn && state.Setup.Has(gfn) && state.Pages[state.Setup.IndexOf(gfn)] is var at
            ? $"; page {KebabName.Of(at.Kind)}{(at.Map == DomMap.None ? "" : $", map {KebabName.Of(at.Map)}")}" : "";
        return pager + vcpu + page;
    }

    public override IEnumerable<PagingOp> Simpler(PagingOp operation)
    {
        var (first, cpu0) = (PagingGuest.Page(0), new VcpuId(0));
        PagingOp simpler = operation switch
        {
            Nominate => new Nominate(first),
            PagingOp.Evict => new PagingOp.Evict(first),
            Prepare => new Prepare(first),
            Load op => new Load(first, op.Word),
            Respond => new Respond(first, cpu0),
            Read or Fetch or Add => new Read(cpu0, first),
            Write op => op with { Vcpu = cpu0, Page = first },
            PagingOp.Await => new PagingOp.Await(cpu0),
            Map op => op with { Page = first },
            AwaitMap => new AwaitMap(first),
            Unmap => new Unmap(first),
            _ => operation,
        };
        return simpler == operation ? [] : [simpler];
    }

    public override (PagingModel Start, IReadOnlyList<PagingOp> Operations) Bounded =>
        (PagingModel.AtStart(_setup with { Pages = 1, Slots = 2 }, 1), [.. Make(1, 1).Select(choice => choice.Operation)]);

    public override string BoundedTo => "1 vCPU, 1 page, a ring of 2 slots";

    private static IEnumerable<Choice<PagingOp>> Make(int vcpus, int pages)
    {
        yield return new(20, new Attach());
        yield return new(2, new Detach());
        yield return new(1, new Abandon());
        yield return new(40, new Take());
        foreach (var page in Enumerable.Range(0, pages).Select(PagingGuest.Page))
        {
            yield return new(12, new Nominate(page));
            yield return new(20, new PagingOp.Evict(page));
            yield return new(4, new Prepare(page));
            yield return new(20, new Load(page, 0x77));
            yield return new(2, new Map(page, Writable: false));
            yield return new(2, new Map(page, Writable: true));
            yield return new(10, new AwaitMap(page));
            yield return new(8, new Unmap(page));
            foreach (var vcpu in Enumerable.Range(0, vcpus).Select(id => new VcpuId(id)))
            {
                yield return new(25, new Respond(page, vcpu));
                yield return new(6, new Read(vcpu, page));
                yield return new(4, new Write(vcpu, page, 0x55));
                yield return new(2, new Add(vcpu, page, 3));
                yield return new(1, new Fetch(vcpu, page));
            }
        }
        foreach (var vcpu in Enumerable.Range(0, vcpus).Select(id => new VcpuId(id)))
        {
            yield return new(25, new PagingOp.Await(vcpu));
            if (pages > 1)
                yield return new(3, new Copy(vcpu, PagingGuest.Page(0), PagingGuest.Page(1)));
        }
        yield return new(1, new LimitMemory(0));
        yield return new(2, new LimitMemory(4));
        yield return new(3, new Count());
        yield return new(1, new Destroy());
        yield return new(20, new AwaitDestroyed());
    }

    private static Gfn? PageOf(PagingOp operation) => operation switch
    {
        Nominate op => op.Page,
        PagingOp.Evict op => op.Page,
        Prepare op => op.Page,
        Load op => op.Page,
        Respond op => op.Page,
        Read op => op.Page,
        Write op => op.Page,
        Add op => op.Page,
        Fetch op => op.Page,
        Map op => op.Page,
        AwaitMap op => op.Page,
        Unmap op => op.Page,
        _ => null,
    };

    private static string Many(int count) => count switch { 0 => "empty", 1 => "one", _ => "some" };
}
