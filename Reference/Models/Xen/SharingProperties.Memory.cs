using HvLab.Reference.Xen;

namespace HvLab.Reference.Models.Xen;

using Property = Property<SharingModel, SharingOp, SharingSeen>;
using Step = Transition<SharingModel, SharingOp, SharingSeen>;

// What a copy costs, what happens where there is no memory for it, and what else must hold.
public static partial class SharingProperties
{
    private static IReadOnlyList<Property> Memory =>
    [
        new("copies-stay-within-the-limit", SharingRules.Copy, step => step.To.Domains.Zip(step.From.Domains).All(pair =>
            pair.First.Limit is not { } limit || pair.First.Owned <= Math.Max(limit, pair.Second.Owned) || TookOver(step, pair.Second, pair.First))),
        new("failed-break-changes-nothing", SharingRules.NothingCorrupted, step =>
            step.Seen.Answer is not (SharingAnswer.Waiting or SharingAnswer.Spinning or SharingAnswer.Crashed)
            || step.Operation is not SharingOp.Write || (step.From.Frames == step.To.Frames && step.From.Freed == step.To.Freed && step.From.Used == step.To.Used)),
        new("no-memory-no-write", SharingRules.NothingCorrupted, step =>
            step is not { Operation: SharingOp.Write op, Seen.Answer: SharingAnswer.Done } || step.From.Domains[op.Domain.Index] is not { } it || it.Limit is not { } limit || it.Owned < limit
            || FrameOf(step.From, new(op.Domain, op.Page)) is var frame && (!step.From.Frames[frame].Shared || step.From.Frames[frame].References == 1)),
        new("enomem-without-helper-crashes", SharingRules.NoHelperCrashes, step =>
            step.Operation is not SharingOp.Write op || step.Seen.Answer is not (SharingAnswer.Waiting or SharingAnswer.Spinning) || step.From.Domains[op.Domain.Index].Ring),
        new("enomem-with-helper-does-not-crash", SharingRules.EnomemRequest, step =>
            step.Operation is not SharingOp.Write op || step.Seen.Answer is not SharingAnswer.Crashed || !step.From.Domains[op.Domain.Index].Ring),
        new("paused-vcpu-has-a-request", SharingRules.EnomemRequest, step => step.To.Domains.Zip(step.From.Domains).All(pair =>
        {
            for (var vcpu = 0; vcpu < pair.First.Vcpus.Count; vcpu++)
                if (pair.First.Vcpus[vcpu].Paused && !pair.Second.Vcpus[vcpu].Paused
                    && !pair.First.Requests.Any(request => request.Paused && request.Vcpu == vcpu))
                    return false;
            return true;
        })),
        new("ring-holds-what-it-can", SharingRules.RingFull, step => step.To.Domains.All(domain =>
            domain.Requests.Count + domain.Taken.Count <= step.To.Setup.RingSlots + domain.Taken.Count && domain.Requests.Count <= step.To.Setup.RingSlots)),
    ];

    private static IReadOnlyList<Property> Others =>
    [
        new("reading-keeps-it-shared", SharingRules.ReadOnlyStays, step =>
            step.Operation is not (SharingOp.Read or SharingOp.Map { Writable: false } or SharingOp.CountReferences or SharingOp.ReadDirty)
            || (step.From.Freed == step.To.Freed && step.From.Used == step.To.Used)),
        new("writable-map-is-of-a-private-frame", SharingRules.WritableUnshares, step =>
            step.To.Maps.All(map => map is not { Writable: true } held || !step.To.Frames[held.Frame].Shared)),
        new("range-needs-paused-domains", SharingRules.RangePaused, step =>
            step is not { Operation: SharingOp.RangeShare op, Seen.Answer: SharingAnswer.Done } || (step.From.Domains[op.Source.Index].Paused && step.From.Domains[op.Client.Index].Paused)),
        new("gone-domain-shares-nothing", SharingRules.Relinquished, step =>
            step is not { Operation: SharingOp.Destroy op, Seen.Answer: SharingAnswer.Done } || step.To.Domains[op.Domain.Index] is { Existence: SharingExistence.Gone, Shared: 0 }
            && step.To.Freed + step.To.Used == step.To.Domains.Sum(domain => domain.Shared)),
        new("changed-content-is-dirty", SharingRules.DirtyWritten, step => AllPages(step, (domain, page, before, after) =>
            before == after || after is null || step.Operation is SharingOp.WriteMap or SharingOp.PageIn
            || !step.From.Domains[domain].LogDirty || !step.To.Domains[domain].LogDirty || step.To.Domains[domain].Dirty.Contains(page))),
        new("unshared-page-is-dirty", SharingRules.DirtyWritten, step => AllPages(step, (domain, page, _, _) =>
            !step.From.Domains[domain].LogDirty || step.To.Domains[domain] is not { LogDirty: true } after
            || step.From.Domains[domain].Entries[page].Kind != SharingEntryKind.Shared || after.Entries[page].Kind != SharingEntryKind.Private || after.Dirty.Contains(page))),
        new("shared-page-is-not-paged-out", SharingRules.NotPageable, step =>
            step is not { Operation: SharingOp.PageOut op, Seen.Answer: SharingAnswer.Done } || FrameOf(step.From, new(op.Domain, op.Page)) is >= 0 and var frame && !step.From.Frames[frame].Shared),
        new("refused-changes-nothing", SharingRules.RefusedDoesNothing, step => step.Seen.Answer is not SharingAnswer.Refused || step.To == step.From),
        new("audit-is-clean", SharingRules.AuditClean, step => step.Seen.World.AuditErrors == 0),
    ];

    /// <summary>A page became private in place: that takes no memory, whatever the limit says.</summary>
    private static bool TookOver(Step step, SharingDomainState before, SharingDomainState after)
    {
        var inPlace = step.From.Used - step.To.Used;
        return after.Owned - before.Owned <= inPlace && inPlace > 0;
    }
}
