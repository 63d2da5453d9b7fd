using HvLab.Reference.Models.Exploration;
using static HvLab.Reference.Models.Xen.PvMmuQueue.CpuPhase;

namespace HvLab.Reference.Models.Xen.PvMmuQueue;

// Steps in words.
internal sealed partial class QueueSystem
{
    internal const string Xen = "Xen", Memory = "page tables";

    internal static string NameOf(int cpu) => cpu == Hypervisor ? Xen : $"cpu {cpu}";

    public StepText Tell(QueueState from, QueueStep step, QueueState to)
    {
        var pte = $"pte {step.Page}";
        var (operation, on) = step.Act switch
        {
            QueueAct.BeginsUpdate => ($"begins an update of {pte}, with the lock around updates", null),
            QueueAct.BeginsTlbFlush => ($"begins to flush {pte} out of TLBs: version {from.Latest(step.Page)} is to hold from then on", null),
            QueueAct.TakesQueue or QueueAct.TakesQueueAlone => ("takes the entries out of its queue", null),
            QueueAct.CallsHypervisor => ("calls the hypervisor with them", Xen),
            QueueAct.GoesOn => ("finds nothing that it has to wait for", null),
            QueueAct.InterruptsOthers => ($"interrupts {Names(to.WaitsFor(step.Cpu))} to flush", (string?)null),
            QueueAct.Waits => ($"waits on the condition variable for {Names(to.WaitsFor(step.Cpu))}", null),
            QueueAct.Nudges => ("waited long enough, and nudges", null),
            QueueAct.IsAcked => ("hears that the queues are flushed", null),
            QueueAct.HandlesInterrupt => (HasQueued(from, step.Cpu) ? "handles the interrupt: flushes its queue" : "handles the interrupt: sees an empty queue", HasQueued(from, step.Cpu) ? Xen : null),
            QueueAct.ReadsEntry => ($"reads {pte} through the recursive mapping: version {step.Version}", Memory),
            QueueAct.QueuesUpdate => (Has(QueueTrait.Shadow) ? $"writes {pte} with CAS: version {step.Version}" : $"queues an update of {pte}: version {step.Version}", Has(QueueTrait.Shadow) ? Memory : null),
            QueueAct.MarksScoreboard => ("marks the scoreboard", null),
            QueueAct.FlushesTlbs => ($"has {pte} flushed out of TLBs: nothing older than version {step.Version} is used from now on", Xen),
            QueueAct.UsesTranslation => ($"uses {pte}: version {step.Version}, {(from.Tlb(step.Cpu, step.Page) < 0 ? "loaded now" : "from its TLB")}", Memory),
            _ => ($"brings the shadow of {pte} up to date", Memory),
        };
        return new(NameOf(step.Cpu), operation, Belief.Changes(Beliefs(from), Beliefs(to)), on);
    }

    private string Names(int mask) => string.Join(" and ", Enumerable.Range(0, cpus).Where(cpu => (mask & (1 << cpu)) != 0).Select(NameOf));

    private IEnumerable<Belief> Beliefs(QueueState state)
    {
        for (var page = 0; page < pages; page++)
        {
            yield return new($"pte {page}", $"the MMU reads version {state.Walked(page)}, the newest issued is {state.Latest(page)}");
            if (state.Promised(page) > 0)
                yield return new($"pte {page}", $"promised: nothing older than version {state.Promised(page)}");
            for (var cpu = 0; cpu < cpus; cpu++)
            {
                if (state.Queued(cpu, page) != 0)
                    yield return new(NameOf(cpu), $"version {state.Queued(cpu, page)} of pte {page} waits in its queue");
                if (state.Taken(cpu, page) != 0)
                    yield return new(NameOf(cpu), $"version {state.Taken(cpu, page)} of pte {page} is on its way to the hypervisor, the queue is empty");
                if (state.Tlb(cpu, page) >= 0)
                    yield return new(NameOf(cpu), $"version {state.Tlb(cpu, page)} of pte {page} in its TLB");
            }
        }
        for (var cpu = 0; cpu < cpus; cpu++)
        {
            if (state.Phase(cpu) == WaitsForAcks)
                yield return new(NameOf(cpu), $"waits for {Names(state.WaitsFor(cpu))}{(Has(QueueTrait.WaitsMasked) ? " and takes no interrupts" : "")}");
            if (state.Phase(cpu) == WaitsForBroadcast)
                yield return new(NameOf(cpu), "waits for a broadcast");
            if (state.Phase(cpu) == Reads)
                yield return new(NameOf(cpu), "believes that no older update is on its way");
        }
    }
}
