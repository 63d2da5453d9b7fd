using HvLab.Reference.Xen;

namespace HvLab.Reference.Models.Xen;

using Property = Property<PagingModel, PagingOp, PagingSeen>;
using Step = Transition<PagingModel, PagingOp, PagingSeen>;

/// <summary>What is true of every step of <see cref="PagingModel"/>, read off the state's plain fields.</summary>
public static partial class PagingProperties
{
    public static IReadOnlyList<Property> All { get; } = [.. Pages, .. Counting, .. Requests, .. Sleepers, .. Ends];

    /// <summary>The first property that a step breaks, or null.</summary>
    public static Property? FirstBroken(Step step)
    {
        foreach (var property in All)
            if (!property.Holds(step))
                return property;
        return null;
    }

    private static IReadOnlyList<Property> Pages =>
    [
        new("nominated-only-unmapped", PagingRules.Nominate, step =>
            step is not { Operation: PagingOp.Nominate op, Seen: PagingSeen.Done } || !PageIn(step.To, op.Page).IsMapped),
        new("who-is-mapped-is-there", PagingRules.EvictMapped, step =>
            step.To.Life == DomainLife.Destroyed || Each(step.To.Pages, page => page.Map is DomMap.None or DomMap.Waiting || page.HasFrame || page.Kind == PageKind.Hole)),
        new("who-is-away-is-not-accessed", PagingRules.Stopped, step =>
            step.Seen is not (PagingSeen.Word or PagingSeen.Completed) || Each(Begun(step.Operation), page => !IsAway(PageIn(step.From, page)))),
        new("load-brings-its-content", PagingRules.RightContent, step =>
            step is not { Operation: PagingOp.Load op, Seen: PagingSeen.Done } || !IsAway(PageIn(step.From, op.Page)) || PageIn(step.To, op.Page).Word == op.Word),
        new("content-comes-from-somewhere", PagingRules.PrepareNeedsBuffer, step =>
            step is not { Operation: PagingOp.Prepare op, Seen: PagingSeen.Done } || !IsAway(PageIn(step.From, op.Page))),
        new("an-answer-brings-back-what-never-left", PagingRules.Forward, step =>
            step is not { Operation: PagingOp.Respond op, Seen: PagingSeen.Done } || PageIn(step.From, op.Page).Kind != PageKind.Staying
            || PageIn(step.To, op.Page).Kind == PageKind.Ram || AnyDropped(step.From, op.Page)),
        new("only-writers-change-content", PagingRules.RightContent, OnlyWritersChange),
    ];

    private static IReadOnlyList<Property> Counting =>
    [
        new("the-count-is-of-pages-that-are-away", PagingRules.DropCounts, step =>
            step.To.Life == DomainLife.Destroyed || step.To.PagedPages == Number(step.To.Pages, IsAway)),
        new("no-page-beyond-the-limit", PagingRules.PageInFails, step =>
            step is not { Operation: PagingOp.Load op, Seen: PagingSeen.Done } || !IsAway(PageIn(step.From, op.Page)) || step.From.Spare > 0),
    ];

    private static IReadOnlyList<Property> Ends =>
    [
        new("one-pager", PagingRules.OneAgent, step =>
            step is not { Operation: PagingOp.Attach, Seen: PagingSeen.Done } || step.From.Pager == Pager.None),
        new("destruction-leaves-nobody", PagingRules.DestructionWakes, step => step.To.Life != DomainLife.Destroyed || step.To.Vcpus.Count == 0),
        new("refused-does-nothing", PagingRules.RefusedDoesNothing, step => step.Seen is not PagingSeen.Refused || step.From == step.To),
    ];

    private static GuestPage PageIn(PagingModel model, Gfn page) => model.Pages[(int)(page.Value - model.Setup.First.Value)];
    private static bool IsAway(GuestPage page) => page.Kind is PageKind.Paged or PageKind.Coming;

    private static bool AnyDropped(PagingModel model, Gfn page) => model.Taken.Where(request => request.Page == page && request.Dropped).Count > 0;

    /// <summary>Pages that an access needs which this operation begins.</summary>
    private static ValueList<Gfn> Begun(PagingOp operation) => operation switch
    {
        PagingOp.Read op => [op.Page],
        PagingOp.Fetch op => [op.Page],
        PagingOp.Write op => [op.Page],
        PagingOp.Add op => [op.Page],
        PagingOp.Copy op => [op.From, op.To],
        PagingOp.ReadThrough op => [op.Table, op.Page],
        _ => [],
    };

    private static bool OnlyWritersChange(Step step)
    {
        for (var index = 0; index < step.From.Pages.Count; index++)
        {
            if (step.To.Pages[index].Word == step.From.Pages[index].Word)
                continue;
            var page = new Gfn(step.From.Setup.First.Value + (ulong)index);
            var written = step.Operation is PagingOp.Load load && load.Page == page
                || step.Operation is PagingOp.Write write && write.Page == page
                || step.Operation is PagingOp.Add add && add.Page == page
                || step.Operation is PagingOp.Copy copy && copy.To == page
                || !Each(step.From.Vcpus, vcpu => vcpu.Now.Kind is not (WorkKind.Write or WorkKind.Add or WorkKind.Copy) || vcpu.Now.Target != page);
            if (!written)
                return false;
        }
        return true;
    }

    private static bool Each<T>(ValueList<T> items, Func<T, bool> test)
    {
        foreach (ref readonly var item in items.AsSpan())
            if (!test(item))
                return false;
        return true;
    }

    private static int Number<T>(ValueList<T> items, Func<T, bool> test)
    {
        var number = 0;
        foreach (ref readonly var item in items.AsSpan())
            if (test(item))
                number++;
        return number;
    }
}
