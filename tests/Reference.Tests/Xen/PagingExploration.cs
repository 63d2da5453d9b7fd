using HvLab.Reference.Models;
using HvLab.Reference.Models.Xen;
using HvLab.Reference.Xen;
using static HvLab.Reference.Xen.PagingOp;

namespace HvLab.Reference.Tests.Xen;

using Step = Transition<PagingModel, PagingOp, PagingSeen>;

/// <summary>A bounded world: where an exploration starts and what may be done there.</summary>
public sealed record PagingExploration(PagingModel Start, IReadOnlyList<PagingOp> Operations)
{
    private static readonly Gfn First = new(0x10);
    private static VcpuId Cpu(int index) => new(index);
    private static Gfn Page(int index) => new(First.Value + (ulong)index);

    /// <summary>One vCPU, one page: every operation that ends.</summary>
    public static PagingExploration Everything(PagingDefect defect = PagingDefect.None) => new(
        PagingModel.AtStart(new(First, 1, Slots: 2, defect), 1),
        [
            new Attach(), new Detach(), new Abandon(), .. PagerOf(0), new Prepare(Page(0)), new Respond(Page(0), Cpu(0)),
            new Read(Cpu(0), Page(0)), new Write(Cpu(0), Page(0), 5), new PagingOp.Await(Cpu(0)),
            new Map(Page(0), false), new AwaitMap(Page(0)), new Unmap(Page(0)), new SetMemType(Page(0)), new Remove(Page(0)),
            new LimitMemory(0), new LimitMemory(1), new Count(), new Destroy(), new AwaitDestroyed(),
        ]);

    /// <summary>Two vCPUs and two pages: string copies, hypercalls, answers that name the wrong vCPU.</summary>
    public static PagingExploration TwoVcpus(PagingDefect defect = PagingDefect.None) => new(
        Attached(new(First, 2, Slots: 2, defect), 2),
        [
            .. PagerOf(0), .. PagerOf(1), new Respond(Page(0), Cpu(0)), new Respond(Page(0), Cpu(1)), new Respond(Page(1), Cpu(0)),
            new Write(Cpu(0), Page(0), 5), new Copy(Cpu(0), Page(0), Page(1)), new PagingOp.Await(Cpu(0)),
            new Read(Cpu(1), Page(0)), new Release(Cpu(1), Page(0), Page(1)), new PagingOp.Await(Cpu(1)),
        ]);

    /// <summary>Three vCPUs, a page each, and a ring with one slot: two of them sleep in the wait queue.</summary>
    public static PagingExploration FullRing(PagingDefect defect = PagingDefect.None) => new(
        Evicted(Attached(new(First, 3, Slots: 1, defect), 3)),
        [
            new Take(),
            .. Enumerable.Range(0, 3).SelectMany(index => (PagingOp[])
            [
                new Load(Page(index), 7), new Respond(Page(index), Cpu(index)), new Read(Cpu(index), Page(index)), new PagingOp.Await(Cpu(index)),
            ]),
            new Destroy(), new AwaitDestroyed(),
        ]);

    /// <summary>As <see cref="FullRing"/> with two vCPUs, where the pager may leave.</summary>
    public static PagingExploration LeavingPager(PagingDefect defect = PagingDefect.None) => new(
        Attached(new(First, 2, Slots: 1, defect), 2),
        [
            .. Enumerable.Range(0, 2).SelectMany(index => (PagingOp[])
            [
                .. PagerOf(index), new Respond(Page(index), Cpu(index)), new Read(Cpu(index), Page(index)), new PagingOp.Await(Cpu(index)),
            ]),
            new Attach(), new Detach(), new Abandon(),
        ]);

    public static IEnumerable<Func<PagingDefect, PagingExploration>> All => [Everything, TwoVcpus, FullRing, LeavingPager];

    public Space<PagingModel> Visit(Action<Step>? visit = null) =>
        StateSpace.Explore<PagingModel, PagingOp, PagingSeen>(Start, Operations, Apply, visit, maxStates: 400_000);

    public static Allowed<PagingModel, PagingSeen> Apply(PagingOp operation, PagingModel model) => operation.On(model);

    /// <summary>A shortest way to a step that breaks a property: the step, and what it breaks. Null where all hold everywhere.</summary>
    public (Step Step, Property<PagingModel, PagingOp, PagingSeen> Broken)? FirstViolation()
    {
        try
        {
            Visit(step =>
            {
                if (PagingProperties.FirstBroken(step) is { } broken)
                    throw new Found(step, broken);
            });
            return null;
        }
        catch (Found found)
        {
            return (found.Step, found.Broken);
        }
    }

    private static PagingModel Attached(PagingSetup setup, int vcpus) => PagingModel.AtStart(setup, vcpus) with { Pager = Pager.Attached, Present = 1 };

    private static PagingModel Evicted(PagingModel model) => model with
    {
        Pages = [.. model.Pages.Select(page => page with { Kind = PageKind.Paged })],
        PagedPages = model.Pages.Count,
        Present = model.Present - model.Pages.Count,
    };

    private static PagingOp[] PagerOf(int index) => [new Nominate(Page(index)), new Evict(Page(index)), new Load(Page(index), 7), new Take()];

    private sealed class Found(Step step, Property<PagingModel, PagingOp, PagingSeen> broken) : Exception
    {
        public Step Step => step;
        public Property<PagingModel, PagingOp, PagingSeen> Broken => broken;
    }
}
