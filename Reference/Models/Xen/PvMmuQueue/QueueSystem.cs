using HvLab.Reference.Models.Exploration;
using static HvLab.Reference.Models.Xen.PvMmuQueue.CpuPhase;

namespace HvLab.Reference.Models.Xen.PvMmuQueue;

public enum QueueAct { BeginsUpdate, BeginsTlbFlush, TakesQueue, CallsHypervisor, GoesOn, InterruptsOthers, Waits, Nudges, IsAcked, HandlesInterrupt, ReadsEntry, QueuesUpdate, MarksScoreboard, FlushesTlbs, UsesTranslation, TakesQueueAlone, BringsShadowUpToDate }

/// <param name="Cpu">Who; <see cref="QueueState.MaxCpus"/> is the hypervisor.</param>
/// <param name="Version">What was read or used.</param>
public readonly record struct QueueStep(QueueAct Act, byte Cpu, byte Page, byte Version);

/// <summary>CPUs of a PV guest that update page-table entries through queues, read them, flush TLBs and use translations.</summary>
internal sealed partial class QueueSystem(QueueTrait traits, int cpus, int pages, int updates) : ISystem<QueueState, QueueStep>
{
    private const int Hypervisor = QueueState.MaxCpus;

    public QueueState Start => default;

    private bool Has(QueueTrait trait) => (traits & trait) != 0;

    public void Next(QueueState state, Successors<QueueState, QueueStep> next)
    {
        for (var cpu = 0; cpu < cpus; cpu++)
        {
            NextOf(state, cpu, next);
            if (state.Interrupted(cpu) && !IsMasked(state, cpu))
                next.Add(Step(QueueAct.HandlesInterrupt, cpu), HandleInterrupt(state, cpu));
        }
        if (Has(QueueTrait.Shadow))
            for (var page = 0; page < pages; page++)
                if (state.Walked(page) != state.Latest(page))
                    next.Add(Step(QueueAct.BringsShadowUpToDate, Hypervisor, page), state.WithWalked(page, state.Latest(page)));
    }

    private void NextOf(QueueState state, int cpu, Successors<QueueState, QueueStep> next)
    {
        var page = state.Page(cpu);
        switch (state.Phase(cpu))
        {
            case Idle:
                for (var any = 0; any < pages; any++)
                    Begin(state, cpu, any, next);
                if (HasQueued(state, cpu))
                    next.Add(Step(QueueAct.TakesQueueAlone, cpu), Take(state, cpu).WithPhase(cpu, FlushesAlone));
                break;
            case Begins when HasQueued(state, cpu) && !(Has(QueueTrait.TlbBeforeQueue) && !state.IsUpdate(cpu)):
                next.Add(Step(QueueAct.TakesQueue, cpu), Take(state, cpu).WithPhase(cpu, Flushes));
                break;
            case Flushes or FlushesAlone or FlushesAfterwards:
                next.Add(Step(QueueAct.CallsHypervisor, cpu), Apply(state, cpu) is var applied && state.Phase(cpu) == Flushes
                    ? Synchronize(applied, cpu) : End(applied, cpu));
                break;
            case Begins:
                next.Add(Step(QueueAct.GoesOn, cpu), Synchronize(state, cpu));
                break;
            case LooksAtOthers:
                LookAtOthers(state, cpu, next);
                break;
            case WaitsForAcks when (state.WaitsFor(cpu) & InterruptMask(state)) == 0:
                next.Add(Step(QueueAct.IsAcked, cpu), state.WithWaitsFor(cpu, 0).WithPhase(cpu, Reads));
                break;
            case WaitsForBroadcast when state.WaitsFor(cpu) == 0:
                next.Add(Step(QueueAct.IsAcked, cpu), state.WithPhase(cpu, LooksAtOthers));
                break;
            case WaitsForBroadcast when !Has(QueueTrait.NeverNudges) && (state.WaitsFor(cpu) & ~InterruptMask(state)) != 0:
                next.Add(Step(QueueAct.Nudges, cpu), Interrupt(state, state.WaitsFor(cpu)));
                break;
            case Reads when state.IsUpdate(cpu):
                // Shadowed tables are the guest's own: what it reads there is what it wrote.
                next.Add(Step(QueueAct.ReadsEntry, cpu, page, Has(QueueTrait.Shadow) ? state.Latest(page) : state.Walked(page)), state.WithPhase(cpu, Writes));
                break;
            case Reads:
                next.Add(Step(QueueAct.FlushesTlbs, cpu, page, state.Wanted(cpu)), FlushTlbs(state, cpu, page));
                break;
            case Writes:
                next.Add(Step(QueueAct.QueuesUpdate, cpu, page, state.Latest(page) + 1), Write(state, cpu, page));
                break;
            case Marks:
                next.Add(Step(QueueAct.MarksScoreboard, cpu, page), End(state.WithScored(cpu, page, true), cpu));
                break;
        }
    }

    private void Begin(QueueState state, int cpu, int page, Successors<QueueState, QueueStep> next)
    {
        var lockIsFree = state.LockOwner == QueueState.NoOwner;
        // Updates of an entry are made one after another: "locking needs to be done at a higher level".
        if (lockIsFree && state.Latest(page) < updates)
            next.Add(Step(QueueAct.BeginsUpdate, cpu, page),
                (state.WithOperation(cpu, page, update: true, wanted: 0) with { LockOwner = cpu + 1 })
                    .WithPhase(cpu, Has(QueueTrait.SyncsOutOfBand) ? Begins : Reads));
        if ((lockIsFree || !Has(QueueTrait.LocksEverything)) && state.Latest(page) > state.Promised(page))
            next.Add(Step(QueueAct.BeginsTlbFlush, cpu, page),
                (state.WithOperation(cpu, page, update: false, state.Latest(page)) with
                {
                    LockOwner = Has(QueueTrait.LocksEverything) ? cpu + 1 : state.LockOwner,
                }).WithPhase(cpu, Begins));
        var used = state.Tlb(cpu, page) < 0 ? state.Walked(page) : state.Tlb(cpu, page);
        next.Add(Step(QueueAct.UsesTranslation, cpu, page, used), state.WithTlb(cpu, page, used));
    }

    // The CPU's own queue is flushed; what of the others'?
    private QueueState Synchronize(QueueState state, int cpu) =>
        state.WithPhase(cpu, Has(QueueTrait.InterruptsOthers | QueueTrait.WaitsOnCondition) ? LooksAtOthers : Reads);

    private void LookAtOthers(QueueState state, int cpu, Successors<QueueState, QueueStep> next)
    {
        var others = 0;
        var last = cpu == cpus - 1 ? cpus - 2 : cpus - 1;
        for (var other = 0; other < cpus; other++)
            if (other != cpu && !(Has(QueueTrait.SkipsLastCpu) && other == last) && MayHold(state, other, state.Page(cpu)))
                others |= 1 << other;
        if (others == 0)
            next.Add(Step(QueueAct.GoesOn, cpu), state.WithPhase(cpu, Reads));
        else if (Has(QueueTrait.WaitsOnCondition))
            next.Add(Step(QueueAct.Waits, cpu), state.WithWaitsFor(cpu, others).WithPhase(cpu, WaitsForBroadcast));
        else
            next.Add(Step(QueueAct.InterruptsOthers, cpu), Interrupt(state, others).WithWaitsFor(cpu, others).WithPhase(cpu, WaitsForAcks));
    }

    // What the design knows of another CPU's queue.
    private bool MayHold(QueueState state, int cpu, int page) =>
        Has(QueueTrait.Scoreboard) ? state.Scored(cpu, page)
        : !Has(QueueTrait.WaitsOnCondition) || state.Queued(cpu, page) != 0 || (state.Taken(cpu, page) != 0 && !Has(QueueTrait.BroadcastsEarly));

    private bool IsMasked(QueueState state, int cpu) => state.Phase(cpu) switch
    {
        Flushes or FlushesAlone or FlushesAfterwards => Has(QueueTrait.MasksWhileFlushing),
        WaitsForAcks => Has(QueueTrait.WaitsMasked),
        _ => false,
    };

    private QueueState Interrupt(QueueState state, int mask)
    {
        for (var cpu = 0; cpu < cpus; cpu++)
            if ((mask & (1 << cpu)) != 0)
                state = state.WithInterrupted(cpu, true);
        return state;
    }

    private int InterruptMask(QueueState state)
    {
        var mask = 0;
        for (var cpu = 0; cpu < cpus; cpu++)
            mask |= state.Interrupted(cpu) ? 1 << cpu : 0;
        return mask;
    }

    private static QueueStep Step(QueueAct act, int cpu, int page = 0, int version = 0) => new(act, (byte)cpu, (byte)page, (byte)version);
}
