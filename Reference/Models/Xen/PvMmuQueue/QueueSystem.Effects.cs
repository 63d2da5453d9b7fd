using static HvLab.Reference.Models.Xen.PvMmuQueue.CpuPhase;

namespace HvLab.Reference.Models.Xen.PvMmuQueue;

// What queues, hypercalls, interrupts and TLBs do.
internal sealed partial class QueueSystem
{
    private QueueState Write(QueueState state, int cpu, int page)
    {
        var version = state.Latest(page) + 1;
        state = state.WithLatest(page, version);
        if (Has(QueueTrait.Shadow))
            return End(state, cpu);
        state = state.WithQueued(cpu, page, version);
        if (Has(QueueTrait.LocksEverything))
            return (Take(state, cpu) with { LockOwner = Has(QueueTrait.UnlocksEarly) ? QueueState.NoOwner : state.LockOwner }).WithPhase(cpu, FlushesAlone);
        return Has(QueueTrait.MarksLate)
            ? (state with { LockOwner = QueueState.NoOwner }).WithPhase(cpu, Marks)
            : End(Has(QueueTrait.Scoreboard) ? state.WithScored(cpu, page, true) : state, cpu);
    }

    private QueueState Take(QueueState state, int cpu)
    {
        for (var page = 0; page < pages; page++)
        {
            if (state.Queued(cpu, page) == 0)
                continue;
            state = state.WithTaken(cpu, page, state.Queued(cpu, page)).WithQueued(cpu, page, 0);
            if (Has(QueueTrait.ClearsScoreEarly))
                state = state.WithScored(cpu, page, false);
        }
        return Has(QueueTrait.BroadcastsEarly) ? Broadcast(state) : state;
    }

    // HYPERVISOR_mmu_update: all entries, in order.
    private QueueState Apply(QueueState state, int cpu)
    {
        for (var page = 0; page < pages; page++)
            if (state.Taken(cpu, page) is var version && version != 0)
                state = state.WithWalked(page, version).WithTaken(cpu, page, 0).WithScored(cpu, page, false);
        return Has(QueueTrait.WaitsOnCondition) && !Has(QueueTrait.BroadcastsEarly) ? Broadcast(state) : state;
    }

    private QueueState Broadcast(QueueState state)
    {
        for (var cpu = 0; cpu < cpus; cpu++)
            if (state.Phase(cpu) == WaitsForBroadcast)
                state = state.WithWaitsFor(cpu, 0);
        return state;
    }

    // The handler flushes what is in the queue. What the interrupted code has taken out, it does not see.
    private QueueState HandleInterrupt(QueueState state, int cpu)
    {
        state = state.WithInterrupted(cpu, false);
        if (Has(QueueTrait.AcksBeforeFlush))
            return state.Phase(cpu) == Idle && HasQueued(state, cpu) ? Take(state, cpu).WithPhase(cpu, FlushesAlone) : state;
        for (var page = 0; page < pages; page++)
            if (state.Queued(cpu, page) is var version && version != 0)
                state = state.WithWalked(page, version).WithQueued(cpu, page, 0).WithScored(cpu, page, false);
        return Has(QueueTrait.WaitsOnCondition) ? Broadcast(state) : state;
    }

    // "Xen's TLB_FLUSH operation is synchronous, and doesn't require an IPI (within the domain)"
    private QueueState FlushTlbs(QueueState state, int cpu, int page)
    {
        if (Has(QueueTrait.Shadow))
            state = state.WithWalked(page, state.Latest(page));
        for (var any = 0; any < cpus; any++)
            if (any == cpu || !Has(QueueTrait.FlushesOwnTlbOnly))
                state = state.WithTlb(any, page, -1);
        if (Has(QueueTrait.TlbBeforeQueue) && HasQueued(state, cpu))
            return Promise(Take(state, cpu), cpu, page).WithPhase(cpu, FlushesAfterwards);
        return End(Promise(state, cpu, page), cpu);
    }

    private static QueueState Promise(QueueState state, int cpu, int page) =>
        state.WithPromised(page, Math.Max(state.Promised(page), state.Wanted(cpu)));

    private static QueueState End(QueueState state, int cpu) =>
        (state.LockOwner == cpu + 1 ? state with { LockOwner = QueueState.NoOwner } : state)
            .WithOperation(cpu, 0, update: false, wanted: 0).WithWaitsFor(cpu, 0).WithPhase(cpu, Idle);

    private bool HasQueued(QueueState state, int cpu)
    {
        for (var page = 0; page < pages; page++)
            if (state.Queued(cpu, page) != 0)
                return true;
        return false;
    }
}
