using System.Text.Json;
using HvLab.Harness.Diff;
using HvLab.Harness.Lab.Results;
using HvLab.Reference;
using HvLab.Reference.Kvm;
using HvLab.Reference.Models;
using HvLab.Reference.Models.Kvm;

namespace HvLab.Harness.Scenarios.Kvm;

/// <summary>A claim about KVM's asynchronous page faults: a list of operations that the model judges.</summary>
public sealed class AsyncPfScenario : IScenario
{
    public const string SubsystemName = "kvm-async-pf";
    /// <summary>What a host warns of or does not survive: not in the default suites, since no verdict excuses it.</summary>
    public const string CrashGroup = "crashes-kvm";

    /// <summary>READY, and everything else, must come within this time once nothing but the hypervisor delays it.</summary>
    public static readonly TimeSpan Liveness = TimeSpan.FromSeconds(2);

    // The probe looks longer than the bound, so that what comes late is told from what never comes.
    private const int Patience = 3000;

    public required string Name { get; init; }
    public required string Claim { get; init; }
    /// <summary>Milliseconds until the probe says that nothing happened.</summary>
    public int GiveUpMs { get; init; } = Patience;
    public int Vcpus { get; init; } = 1;
    public required IReadOnlyList<AsyncPfOp> Trace { get; init; }

    public string Group { get; init; } = SubsystemName;
    public string Id => $"{Group}/{Name}";
    public string Subsystem => SubsystemName;
    public bool RunsAlone => Trace.Any(operation => operation is AsyncPfOp.DestroyVm);
    public int Steps => Trace.Count;

    public HostNeed Needs { get; } =
        new HostNeed.Capability("hardware-virtualization")
        & new HostNeed.Capability("KVM_CAP_IRQCHIP")
        & new HostNeed.Capability("KVM_FEATURE_ASYNC_PF_INT")
        & new HostNeed.Capability("KVM_CAP_BINARY_STATS_FD")
        & new HostNeed.Capability("userfaultfd");

    public AsyncPfModel Model => AsyncPfModel.AtReset(new(AsyncPfGuest.FirstPaged, AsyncPfGuest.PagedCount), Vcpus);

    public static Conformance<AsyncPfModel, AsyncPfOp, AsyncPfSeen> NewConformance() => new((operation, model) => operation.On(model), Liveness);

    public JsonElement Plan() => JsonSerializer.SerializeToElement(new AsyncPfPlan(Vcpus, Trace, GiveUpMs), AsyncPfJson.Default.AsyncPfPlan);

    public Judgement Judge(IReadOnlyList<RawEvent> events)
    {
        ArgumentNullException.ThrowIfNull(events);
        return Diff.Judge.Compare<AsyncPfModel, AsyncPfOp, AsyncPfSeen>(
            Model, NewConformance(), Read(events), [.. events.Select(raw => raw.AtMicros)], Narrate);
    }

    public Func<bool> PrepareCheck(IReadOnlyList<RawEvent> events)
    {
        ArgumentNullException.ThrowIfNull(events);
        var (typed, start, model) = (Read(events), Model, NewConformance());
        return () => model.Check(start, typed) is null;
    }

    private Event<AsyncPfOp, AsyncPfSeen>[] Read(IReadOnlyList<RawEvent> events)
    {
        var typed = new Event<AsyncPfOp, AsyncPfSeen>[events.Count];
        for (var index = 0; index < events.Count; index++)
        {
            var raw = events[index];
            if (raw.Step != index || index >= Trace.Count)
                throw new JsonException($"Event {index} of {Id} answers step {raw.Step} of a plan of {Trace.Count}.");
            typed[index] = new(Trace[index],
                raw.Seen.Deserialize(AsyncPfJson.Default.AsyncPfSeen) ?? throw new JsonException($"Event {index} of {Id} holds no observation."),
                TimeSpan.FromMicroseconds(raw.TookMicros));
        }
        return typed;
    }

    private static TraceStep Narrate(Event<AsyncPfOp, AsyncPfSeen> now) => new()
    {
        AtMicros = 0,
        TookMicros = 0,
        Vcpu = AsyncPfOp.VcpuOf(now.Operation)?.Value,
        Actor = now.Operation switch
        {
            AsyncPfOp.AwaitRequest or AsyncPfOp.Supply or AsyncPfOp.Evict => Lane.Pager,
            AsyncPfOp.RemoveMemslot or AsyncPfOp.MoveToNewVm or AsyncPfOp.DestroyVm or AsyncPfOp.AwaitDestroyed => Lane.Hypervisor,
            _ => Lane.Guest,
        },
        Operation = now.Operation.ToString(),
        Witness = now.Seen switch
        {
            AsyncPfSeen.AtPager or AsyncPfSeen.Requested or AsyncPfSeen.Supplied or AsyncPfSeen.NotAsked => Lane.Pager,
            // What KVM injects is its word, though the guest's handler reads it out.
            AsyncPfSeen.NotPresent or AsyncPfSeen.Ready or AsyncPfSeen.GeneralProtection => Lane.Hypervisor,
            AsyncPfSeen.Asleep or AsyncPfSeen.Stalled or AsyncPfSeen.Spinning or AsyncPfSeen.Nothing or AsyncPfSeen.Mmio or AsyncPfSeen.Destroyed => Lane.Hypervisor,
            AsyncPfSeen.Done or AsyncPfSeen.Refused when AsyncPfOp.VcpuOf(now.Operation) is null => Lane.Hypervisor,
            _ => Lane.Guest,
        },
        Seen = now.Seen.ToString(),
    };
}
