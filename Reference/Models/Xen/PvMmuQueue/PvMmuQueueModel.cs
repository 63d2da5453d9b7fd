using HvLab.Reference.Models.Exploration;

namespace HvLab.Reference.Models.Xen.PvMmuQueue;

using EachStep = EachStep<QueueState, QueueStep>;

/// <summary>NetBSD on Xen, 2011: may each CPU queue its own page-table updates?</summary>
public sealed class PvMmuQueueModel : DesignModel<QueueState, QueueStep>
{
    public override string Name => "pv-mmu-queue";
    public override string Summary => "per-CPU queues of page-table updates in a PV guest, with reads, TLB flushes and uses of translations on other CPUs";
    public override string OutOfScope =>
        "more than one pending update of an entry in one queue, page-table pages themselves (pin, unpin), accessed and dirty bits, TLB entries that go by themselves, and how long an interrupt takes";

    public override IReadOnlyList<Design> Designs { get; } = [.. QueueDesigns.All.Select(design => design.Design)];

    public override IReadOnlyList<Bound> Bounds { get; } =
    [
        new("cpus", 3, 2, QueueState.MaxCpus, "virtual CPUs of the guest"),
        new("pages", 1, 1, QueueState.MaxPages, "page-table entries"),
        new("updates", 2, 1, QueueState.MaxVersion, "updates of each entry, all in all"),
    ];

    public override IReadOnlyList<string> ActorsOf(Bounds bounds) =>
        [.. Enumerable.Range(0, bounds["cpus"]).Select(QueueSystem.NameOf), QueueSystem.Xen, QueueSystem.Memory];

    public override ISystem<QueueState, QueueStep> SystemOf(Design design, Bounds bounds) =>
        new QueueSystem(QueueDesigns.All.Single(known => known.Design == design).Traits, bounds["cpus"], bounds["pages"], bounds["updates"]);

    public override IReadOnlyList<Claim<QueueState, QueueStep>> ClaimsOf(Bounds bounds) =>
    [
        new EachStep("no-stale-translation", Said("to make sure that stale ptes are not reloaded before the per-cpu queue has made progress"),
            (from, step, _) => step.Act != QueueAct.UsesTranslation || step.Version >= from.Promised(step.Page)),
        new EachStep("reads-are-current", Said("an example would be a pte update on one queue, and reading the same pte read on another queue"),
            (from, step, _) => step.Act != QueueAct.ReadsEntry || step.Version == from.Latest(step.Page)),
        new EachStep("updates-keep-order", Said("The question here, really is, what are the global ordering requirements of per-cpu memory op queues"),
            (from, _, to) => to.Walked(0) >= from.Walked(0) && to.Walked(1) >= from.Walked(1)),
        new Wakes<QueueState, QueueStep>("operations-end", Said("Wait (with optional timeout and ipi-\"nudge\") until the remote queue is flushed."), bounds["cpus"],
            (state, cpu) => state.Phase(cpu) is not CpuPhase.Idle,
            // Nobody has to begin anything, use a translation, or flush a queue of its own accord.
            (_, step) => step.Act is not (QueueAct.BeginsUpdate or QueueAct.BeginsTlbFlush or QueueAct.UsesTranslation
                or QueueAct.TakesQueueAlone or QueueAct.BringsShadowUpToDate)),
    ];

    private static Rule Said(string text) => new(text, QueueDesigns.Mail);
}
