using HvLab.Reference.Models;
using HvLab.Reference.Models.Xen;
using HvLab.Reference.Xen;
using static HvLab.Reference.Xen.SharingOp;

namespace HvLab.Reference.Tests.Xen;

using Step = Transition<SharingModel, SharingOp, SharingSeen>;

/// <summary>A bounded world: where an exploration starts and what may be done there.</summary>
public sealed record SharingExploration(SharingModel Start, IReadOnlyList<SharingOp> Operations)
{
    private static readonly Gfn First = new(0x100);
    private static readonly SharingDomain A = new(0), B = new(1), C = new(2);
    private static readonly VcpuId Cpu0 = new(0), Cpu1 = new(1);
    private static readonly SharingMap Map0 = new(0), Map1 = new(1);

    /// <summary>Two domains of two pages, one of them a hole: everything that shares, and handles good and bad.</summary>
    public static SharingExploration SharingAndHandles(SharingDefect defect = SharingDefect.None) => new(
        At(new(First, Watched: 2, Populated: 1, Defect: defect), 2, handles: 2, maps: 0),
        [
            .. Everywhere([A, B], 1, Nominations), .. Shares(A, B, 0), .. Shares(B, A, 0),
            new AddToPhysmap(P(A, 0), H(0), P(B, 1)), new AddToPhysmap(P(A, 0), H(1), P(B, 1)), new AddToPhysmap(P(B, 1), H(0), P(A, 1)),
            new Share(P(A, 0), H(0), P(B, 1), H(0)), .. Writes(A, 2), .. Writes(B, 2), new Control(B, false), new Control(B, true), new Remove(B, G(1)), new Destroy(B), new Create(B),
        ]);

    /// <summary>Three domains of one page: who keeps what when others write and go.</summary>
    public static SharingExploration ThreeDomains(SharingDefect defect = SharingDefect.None) => new(
        At(new(First, Watched: 1, Populated: 1, Defect: defect), 3, handles: 2, maps: 0),
        [
            .. Everywhere([A, B, C], 1, Nominations), .. Shares(A, B, 0), .. Shares(B, C, 0), .. Shares(C, A, 0),
            .. Writes(A, 1), .. Writes(B, 1), .. Writes(C, 1), new CountReferences(A, G(0)), new Destroy(A), new Destroy(B), new Destroy(C),
        ]);

    /// <summary>Two domains, maps of both kinds, ranges of paused domains, a hole that is filled.</summary>
    public static SharingExploration MapsAndRanges(SharingDefect defect = SharingDefect.None) => new(
        At(new(First, Watched: 1, Populated: 1, Defect: defect), 2, handles: 1, maps: 2),
        [
            new Nominate(A, G(0), H(0)), new RangeShare(A, B, G(0), G(0)), new Pause(A), new Pause(B), new Unpause(A), new Unpause(B),
            new Map(Map0, A, G(0), false), new Map(Map1, B, G(0), true), new Map(Map1, A, G(0), true), new Map(Map0, B, G(0), false), new Unmap(Map0), new Unmap(Map1),
            new WriteMap(Map1, SharingWord.Last, 2), .. Writes(A, 1), .. Writes(B, 1), new Remove(B, G(0)), new Populate(B, G(0)), new Destroy(A),
        ]);

    /// <summary>Two domains that share a page, a helper, and no memory.</summary>
    public static SharingExploration WithoutMemory(SharingDefect defect = SharingDefect.None) => new(
        Shared(At(new(First, Watched: 1, Populated: 1, RingSlots: 2, Defect: defect), 2, handles: 2, maps: 1, vcpus: 2)),
        [
            new EnableRing(B), new DisableRing(B), new TakeRequest(B), new Respond(B, SharingKick.Event), new Resume(B), new SetSpare(B, 0), new SetSpare(B, 1),
            new Write(B, Cpu0, G(0), SharingWord.First, 1), new Write(B, Cpu1, G(0), SharingWord.Last, 2), new Await(B, Cpu0), new Await(B, Cpu1),
            new Map(Map0, B, G(0), true), new Unmap(Map0), new Nominate(A, G(0), H(0)), new Nominate(B, G(0), H(1)), new Share(P(A, 0), H(0), P(B, 0), H(1)),
            .. Writes(A, 1), new Pause(B), new Unpause(B), new Destroy(B),
        ]);

    /// <summary>Two domains under log-dirty, with a pager.</summary>
    public static SharingExploration LoggedAndPaged(SharingDefect defect = SharingDefect.None) => new(
        At(new(First, Watched: 2, Populated: 1, Defect: defect), 2, handles: 2, maps: 1),
        [
            new Nominate(A, G(0), H(0)), new Nominate(B, G(0), H(1)), new Share(P(A, 0), H(0), P(B, 0), H(1)), new AddToPhysmap(P(A, 0), H(0), P(B, 1)), new AddToPhysmap(P(A, 0), H(0), P(B, 0)),
            .. Writes(A, 1), .. Writes(B, 2), new Map(Map0, B, G(0), true), new Map(Map0, B, G(0), false), new Unmap(Map0), new LogDirty(B, true), new LogDirty(B, false),
            new ReadDirty(B, true), new ReadDirty(B, false), new EnablePaging(B), new PageOut(B, G(0)), new PageIn(B, G(0)), new Destroy(A),
        ]);

    public static IEnumerable<Func<SharingDefect, SharingExploration>> All => [SharingAndHandles, ThreeDomains, MapsAndRanges, WithoutMemory, LoggedAndPaged];

    public Space<SharingModel> Visit(Action<Step>? visit = null) =>
        StateSpace.Explore<SharingModel, SharingOp, SharingSeen>(Start, Operations, Apply, visit, maxStates: 400_000);

    public static Allowed<SharingModel, SharingSeen> Apply(SharingOp operation, SharingModel model) => operation.On(model);

    /// <summary>A shortest way to a step that breaks a property: the step, and what it breaks. Null where all hold everywhere.</summary>
    public (Step Step, Property<SharingModel, SharingOp, SharingSeen> Broken)? FirstViolation()
    {
        try
        {
            Visit(step =>
            {
                if (SharingProperties.FirstBroken(step) is { } broken)
                    throw new Found(step, broken);
            });
            return null;
        }
        catch (Found found)
        {
            return (found.Step, found.Broken);
        }
    }

    // Sharing is on from the start: switching it on only multiplies states.
    private static SharingModel At(SharingSetup setup, int domains, int handles, int maps, int vcpus = 1)
    {
        var model = SharingModel.AtStart(setup, domains, vcpus, handles, maps);
        return model with { Domains = [.. model.Domains.Select(domain => domain with { Enabled = true })] };
    }

    private static SharingModel Shared(SharingModel start)
    {
        foreach (var operation in (SharingOp[])[new Nominate(A, G(0), H(0)), new Nominate(B, G(0), H(1)), new Share(P(A, 0), H(0), P(B, 0), H(1))])
            (_, start) = operation.On(start).Alternatives[0];
        return start;
    }

    private static IEnumerable<SharingOp> Everywhere(SharingDomain[] domains, int pages, Func<SharingDomain, Gfn, IEnumerable<SharingOp>> operations) =>
        domains.SelectMany(domain => Enumerable.Range(0, pages).SelectMany(page => operations(domain, G(page))));

    private static IEnumerable<SharingOp> Nominations(SharingDomain domain, Gfn page) => [new Nominate(domain, page, H(0)), new Nominate(domain, page, H(1))];

    private static IEnumerable<SharingOp> Shares(SharingDomain source, SharingDomain client, int page) =>
        from sourceHandle in (int[])[0, 1]
        from clientHandle in (int[])[0, 1]
        select new Share(P(source, page), H(sourceHandle), P(client, page), H(clientHandle));

    private static IEnumerable<SharingOp> Writes(SharingDomain domain, int pages) =>
        Enumerable.Range(0, pages).Select(page => new Write(domain, Cpu0, G(page), SharingWord.First, 1));

    private static Gfn G(int page) => new(First.Value + (ulong)page);
    private static SharingPage P(SharingDomain domain, int page) => new(domain, G(page));
    private static SharingHandle H(int index) => new(index);

    private sealed class Found(Step step, Property<SharingModel, SharingOp, SharingSeen> broken) : Exception
    {
        public Step Step => step;
        public Property<SharingModel, SharingOp, SharingSeen> Broken => broken;
    }
}
