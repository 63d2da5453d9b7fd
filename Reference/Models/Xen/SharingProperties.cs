using HvLab.Reference.Xen;

namespace HvLab.Reference.Models.Xen;

using Property = Property<SharingModel, SharingOp, SharingSeen>;
using Step = Transition<SharingModel, SharingOp, SharingSeen>;

/// <summary>What is true of every step of <see cref="SharingModel"/>: said of p2m entries, frames and what is seen, and not by the model's own means.</summary>
public static partial class SharingProperties
{
    public static IReadOnlyList<Property> All { get; } = [.. Contents, .. Handles, .. Memory, .. Others, .. Accounts];

    /// <summary>The first property that a step breaks, or null.</summary>
    public static Property? FirstBroken(Step step)
    {
        foreach (var property in All)
            if (!property.Holds(step))
                return property;
        return null;
    }

    private static IReadOnlyList<Property> Contents =>
    [
        new("nobody-sees-anothers-write", SharingRules.NobodySees, step =>
        {
            // Sharing changes what its client reads, and a page that comes or goes changes itself; nothing else may.
            if (step.Operation is SharingOp.Share or SharingOp.RangeShare)
                return true;
            return AllPages(step, (domain, page, before, after) => before == after || MayChange(step, domain, page));
        }),
        new("only-the-written-word-changes", SharingRules.NothingCorrupted, step => AllPages(step, (domain, page, before, after) =>
            before == after || before is not { } was || after is not { } now || Writes(step, domain, page) is not { Count: > 0 } writes
            || (now.Fill == was.Fill && Enum.GetValues<SharingWord>().All(word =>
                writes.Any(write => write.Word == word) ? writes.Any(write => write == (word, now[word])) : now[word] == was[word])))),
        new("client-reads-the-source", SharingRules.SameFrame, step =>
            step is not { Operation: SharingOp.Share op, Seen.Answer: SharingAnswer.Done } || FrameOf(step.To, op.Source) is var frame && frame >= 0 && frame == FrameOf(step.To, op.Client)),
        new("sharing-keeps-the-source", SharingRules.SameFrame, step =>
            step.Operation is not SharingOp.Share op || ContentOf(step.From, op.Source) == ContentOf(step.To, op.Source)),
    ];

    private static IReadOnlyList<Property> Accounts =>
    [
        new("references-equal-sharers", SharingRules.Debug, step =>
        {
            for (var frame = 0; frame < step.To.Frames.Count; frame++)
                if (step.To.Frames[frame].Shared ? step.To.Frames[frame].References != Sharers(step.To, frame) : Sharers(step.To, frame) != 0)
                    return false;
            return true;
        }),
        new("used-counts-shared-frames", SharingRules.UsedFrames, step => step.To.Used == step.To.Frames.Count(frame => frame.Shared)),
        new("counters-balance", SharingRules.CountersBalance, step => step.To.Freed + step.To.Used == step.To.Domains.Sum(domain => domain.Shared)),
        new("shared-pages-are-counted", SharingRules.CountersBalance, step => step.To.Domains.All(domain =>
            domain.Shared == domain.Entries.Count(entry => entry.Kind == SharingEntryKind.Shared)
            && domain.PagedOut == domain.Entries.Count(entry => entry.Kind == SharingEntryKind.PagedOut))),
        new("own-pages-are-counted", SharingRules.NothingCorrupted, step => step.To.Domains.All(domain =>
            domain.Existence == SharingExistence.Gone || domain.Owned == domain.Entries.Count(entry => entry.Kind == SharingEntryKind.Private) - step.To.Setup.Populated)),
        new("private-frame-has-one-page", SharingRules.NobodySees, step =>
        {
            for (var frame = 0; frame < step.To.Frames.Count; frame++)
                if (!step.To.Frames[frame].Shared && step.To.Domains.Sum(domain => domain.Entries.Count(entry => entry.Frame == frame)) > 1)
                    return false;
            return true;
        }),
    ];

    private static IReadOnlyList<Property> Handles =>
    [
        new("share-needs-current-handles", SharingRules.HandlesVerified, step =>
            step is not { Operation: SharingOp.Share op, Seen.Answer: SharingAnswer.Done }
            || (IsCurrent(step.From, op.Source, op.SourceHandle) && IsCurrent(step.From, op.Client, op.ClientHandle))),
        new("adding-needs-a-current-handle", SharingRules.HandlesVerified, step =>
            step is not { Operation: SharingOp.AddToPhysmap op, Seen.Answer: SharingAnswer.Done } || IsCurrent(step.From, op.Source, op.SourceHandle)),
        new("written-page-has-no-handle", SharingRules.HandleInvalidated, step =>
            step is not { Operation: SharingOp.Write op, Seen.Answer: SharingAnswer.Done } || FrameOf(step.To, new(op.Domain, op.Page)) is var frame && !step.To.Handles.Contains(frame)),
        new("client-handle-dies", SharingRules.ClientHandleDies, step =>
            step is not { Operation: SharingOp.Share op, Seen.Answer: SharingAnswer.Done } || op.SourceHandle == op.ClientHandle
            || step.From.Handles[op.SourceHandle.Index] == step.From.Handles[op.ClientHandle.Index] || step.To.Handles[op.ClientHandle.Index] < 0),
        new("nominated-page-is-shared", SharingRules.SameHandle, step =>
            step is not { Operation: SharingOp.Nominate op, Seen.Answer: SharingAnswer.Nominated } || IsCurrent(step.To, new(op.Domain, op.Page), op.Into)),
    ];

    /// <summary>What a page holds; null where it holds nothing, or where nobody may look.</summary>
    private static SharingContent? ContentOf(SharingModel model, SharingPage page) => FrameOf(model, page) is >= 0 and var frame ? model.Frames[frame].Content : null;

    private static int FrameOf(SharingModel model, SharingPage page) =>
        page.Domain.Index < model.Domains.Count && page.Gfn.Value - model.Setup.First.Value is var index && index < (ulong)model.Domains[page.Domain.Index].Entries.Count
            ? model.Domains[page.Domain.Index].Entries[(int)index].Frame
            : -1;

    private static bool IsCurrent(SharingModel model, SharingPage page, SharingHandle handle) =>
        handle.Index >= 0 && FrameOf(model, page) is >= 0 and var frame && model.Frames[frame].Shared && model.Handles[handle.Index] == frame;

    private static int Sharers(SharingModel model, int frame) =>
        model.Domains.Sum(domain => domain.Entries.Count(entry => entry.Kind == SharingEntryKind.Shared && entry.Frame == frame));

    private static bool AllPages(Step step, Func<int, int, SharingContent?, SharingContent?, bool> holds)
    {
        for (var domain = 0; domain < step.From.Domains.Count; domain++)
            for (var page = 0; page < step.From.Setup.Watched; page++)
            {
                var at = new SharingPage(new(domain), step.From.Setup.PageAt(page));
                if (!holds(domain, page, ContentOf(step.From, at), ContentOf(step.To, at)))
                    return false;
            }
        return true;
    }

    /// <summary>The step is about this very page, or lets this page's own waiting vCPU go on.</summary>
    private static bool MayChange(Step step, int domain, int page)
    {
        var gfn = step.From.Setup.PageAt(page);
        return step.Operation switch
        {
            SharingOp.Destroy op => op.Domain.Index == domain,
            SharingOp.Create op => op.Domain.Index == domain,
            SharingOp.Remove op => op.Domain.Index == domain && op.Page == gfn,
            SharingOp.Populate op => op.Domain.Index == domain && op.Page == gfn,
            SharingOp.PageOut op => op.Domain.Index == domain && op.Page == gfn,
            SharingOp.PageIn op => op.Domain.Index == domain && op.Page == gfn,
            SharingOp.AddToPhysmap op => op.Client == new SharingPage(new(domain), gfn),
            SharingOp.WriteMap op => step.From.Maps[op.Through.Index] is { } map && FrameOf(step.From, new(new(domain), gfn)) == map.Frame && !step.From.Frames[map.Frame].Shared,
            _ => Writes(step, domain, page).Count > 0,
        };
    }

    /// <summary>What guests wrote to the page in this step: the operation's own write, and those of vCPUs that had waited.</summary>
    private static List<(SharingWord Word, uint Value)> Writes(Step step, int domain, int page)
    {
        List<(SharingWord, uint)> writes = [];
        if (step is { Operation: SharingOp.Write op, Seen.Answer: SharingAnswer.Done } && op.Domain.Index == domain && op.Page == step.From.Setup.PageAt(page))
            writes.Add((op.Word, op.Value));
        for (var vcpu = 0; vcpu < step.From.Domains[domain].Vcpus.Count; vcpu++)
            if (step.From.Domains[domain].Vcpus[vcpu] is { Unfinished: true } was && was.Page == page && !step.To.Domains[domain].Vcpus[vcpu].Unfinished)
                writes.Add((was.Word, was.Value));
        return writes;
    }
}
