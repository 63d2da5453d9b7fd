using HvLab.Reference.Kvm;
using HvLab.Reference.Models;
using HvLab.Reference.Models.Fuzz;
using HvLab.Reference.Models.Kvm;

namespace HvLab.Reference.Tests.Fuzz;

using Allowed = Allowed<AsyncPfModel, AsyncPfSeen>;

/// <summary>Random plans find every fault that a KVM in this process is given.</summary>
public sealed class AsyncPfFuzzTests : FaultTable
{
    // The bound of 64 faults would need as many operations; the fault is the same at two.
    private static AsyncPfSetup Setup(AsyncPfDefect defect) => new(AsyncPfGuest.FirstPaged, AsyncPfGuest.PagedCount, PerVcpuBound: 2, defect);

    private static IEnumerable<TestCaseData> Faults => Enum.GetValues<AsyncPfDefect>().Where(defect => defect != AsyncPfDefect.None)
        .Select(defect => new TestCaseData($"{defect}", defect, null).SetArgDisplayNames($"{defect}"))
        .Concat(Others.Select(other => new TestCaseData(other.Name, AsyncPfDefect.None, other.Fault).SetArgDisplayNames(other.Name)));

    /// <summary>Faults that the model's own list lacks.</summary>
    private static (string Name, Func<AsyncPfModel, AsyncPfOp, Allowed, Allowed> Fault)[] Others =>
    [
        ("QueueClearedOnModeSwitch", ClearsQueueOnUserMode),
        ("ReadyWithoutNotPresent", ReadyForUntold),
        ("NotPresentWhileReadyPends", TellsTokenOfAnother),
    ];

    [TestCaseSource(nameof(Faults))]
    public async Task A_faulty_machine_is_found_out(string fault, AsyncPfDefect defect, Delegate? other)
    {
        var start = new AsyncPfFuzz(Setup(defect)).Start;
        Take(fault, await Trial.FindAsync(new AsyncPfFuzz(Setup(AsyncPfDefect.None)),
            random => Machine(start, random, (Func<AsyncPfModel, AsyncPfOp, Allowed, Allowed>?)other)));
    }

    [Test]
    public async Task A_machine_without_a_fault_is_not_accused() =>
        Assert.That(await Trial.FindAsync(new AsyncPfFuzz(), random => Machine(new AsyncPfFuzz().Start, random, null), plans: 1500), Is.Null);

    private static Func<AsyncPfOp, AsyncPfSeen> Machine(AsyncPfModel start, Random random, Func<AsyncPfModel, AsyncPfOp, Allowed, Allowed>? fault)
    {
        var machine = new AsyncPfMachine(start, random, fault);
        return operation => operation.On(machine);
    }

    // kvm_clear_async_pf_completion_queue on a change of CR0.PG: what was outstanding is forgotten, and no READY comes.
    private static Allowed ClearsQueueOnUserMode(AsyncPfModel state, AsyncPfOp operation, Allowed allowed) =>
        operation is AsyncPfOp.SetLapic { Vcpu: var id } && id.Value < state.Vcpus.Count
            ? Each(allowed, (seen, then) => (seen, then with { Vcpus = then.Vcpus.Set(id.Value, then.Vcpus[id.Value] with { Faults = [], WakeAll = WakeAll.None }) }))
            : allowed;

    // "work->notpresent_injected" is not looked at.
    private static Allowed ReadyForUntold(AsyncPfModel state, AsyncPfOp operation, Allowed allowed)
    {
        if (operation is not (AsyncPfOp.Poll or AsyncPfOp.Halt) || AsyncPfOp.VcpuOf(operation) is not { } id || id.Value >= state.Vcpus.Count)
            return allowed;
        var cpu = state.Vcpus[id.Value];
        var silent = cpu.Faults.ToList().FindIndex(fault => fault.Arriving && !fault.Told);
        return silent < 0 || !cpu.CanDequeue || !cpu.AtRest || state.Life != VmLife.Alive ? allowed
            : Allowed.Only(new AsyncPfSeen.Ready(new(0x7000), new(cpu.Vector)),
                state with { Vcpus = state.Vcpus.Set(id.Value, cpu with { Faults = cpu.Faults.RemoveAt(silent), Held = new(0x7000) }) });
    }

    // One word for both: a "not present" while a READY waits in the slot carries the READY's token.
    private static Allowed TellsTokenOfAnother(AsyncPfModel state, AsyncPfOp operation, Allowed allowed) =>
        operation is AsyncPfOp.Touch { Vcpu: var id } && id.Value < state.Vcpus.Count && state.Vcpus[id.Value].Held is var held && held != Token.None
            ? Each(allowed, (seen, then) => (seen is AsyncPfSeen.NotPresent ? new AsyncPfSeen.NotPresent(held) : seen, then))
            : allowed;

    private static Allowed Each(Allowed allowed, Func<AsyncPfSeen, AsyncPfModel, (AsyncPfSeen, AsyncPfModel)> change)
    {
        var changed = Allowed.None;
        foreach (ref readonly var alternative in allowed.Alternatives)
        {
            var (seen, then) = change(alternative.Example, alternative.Explain(alternative.Example)!);
            changed.Or(seen, then);
        }
        return changed;
    }
}
