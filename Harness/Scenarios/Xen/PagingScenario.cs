using System.Text.Json;
using HvLab.Harness.Diff;
using HvLab.Harness.Lab.Results;
using HvLab.Reference.Models;
using HvLab.Reference.Models.Xen;
using HvLab.Reference.Xen;

namespace HvLab.Harness.Scenarios.Xen;

/// <summary>A claim about Xen's memory paging: a list of operations that the model judges.</summary>
public sealed class PagingScenario : IScenario
{
    public const string SubsystemName = "xen-paging";

    /// <summary>Every operation must come to its answer within this time. What sleeps is told by evidence, which a busy machine delays.</summary>
    public static readonly TimeSpan Liveness = TimeSpan.FromSeconds(8);

    // The probe looks longer than the bound, so that what comes late is told from what never comes.
    private const int Patience = 10_000;

    public required string Name { get; init; }
    public required string Claim { get; init; }
    /// <summary>Milliseconds until the probe says that nothing happened.</summary>
    public int GiveUpMs { get; init; } = Patience;
    public int Vcpus { get; init; } = 1;
    public required IReadOnlyList<PagingOp> Trace { get; init; }

    public string Id => $"{SubsystemName}/{Name}";
    public string Subsystem => SubsystemName;
    public int Steps => Trace.Count;

    public HostNeed Needs { get; } = XenNeeds.Paging;

    public PagingModel Model => PagingModel.AtStart(new(PagingGuest.FirstPage, PagingGuest.PageCount), Vcpus);

    public static Conformance<PagingModel, PagingOp, PagingSeen> NewConformance() => new((operation, model) => operation.On(model), Liveness);

    public JsonElement Plan() => JsonSerializer.SerializeToElement(new PagingPlan(Vcpus, Trace, GiveUpMs), PagingJson.Default.PagingPlan);

    public Judgement Judge(IReadOnlyList<RawEvent> events)
    {
        ArgumentNullException.ThrowIfNull(events);
        return Diff.Judge.Compare<PagingModel, PagingOp, PagingSeen>(
            Model, NewConformance(), Read(events), [.. events.Select(raw => raw.AtMicros)], Narrate);
    }

    public Func<bool> PrepareCheck(IReadOnlyList<RawEvent> events)
    {
        ArgumentNullException.ThrowIfNull(events);
        var (typed, start, model) = (Read(events), Model, NewConformance());
        return () => model.Check(start, typed) is null;
    }

    private Event<PagingOp, PagingSeen>[] Read(IReadOnlyList<RawEvent> events)
    {
        var typed = new Event<PagingOp, PagingSeen>[events.Count];
        for (var index = 0; index < events.Count; index++)
        {
            var raw = events[index];
            if (raw.Step != index || index >= Trace.Count)
                throw new JsonException($"Event {index} of {Id} answers step {raw.Step} of a plan of {Trace.Count}.");
            typed[index] = new(Trace[index],
                raw.Seen.Deserialize(PagingJson.Default.PagingSeen) ?? throw new JsonException($"Event {index} of {Id} holds no observation."),
                TimeSpan.FromMicroseconds(raw.TookMicros));
        }
        return typed;
    }

    private static TraceStep Narrate(Event<PagingOp, PagingSeen> now) => new()
    {
        AtMicros = 0,
        TookMicros = 0,
        Vcpu = PagingOp.VcpuOf(now.Operation)?.Value,
        Actor = PagingOp.VcpuOf(now.Operation) is not null ? Lane.Guest : now.Operation switch
        {
            PagingOp.Map or PagingOp.AwaitMap or PagingOp.Unmap or PagingOp.SetMemType or PagingOp.Remove or PagingOp.LimitMemory
                or PagingOp.Count or PagingOp.Destroy or PagingOp.AwaitDestroyed => Lane.Hypervisor,
            _ => Lane.Pager,
        },
        Operation = now.Operation.ToString(),
        Witness = now.Seen switch
        {
            PagingSeen.Request or PagingSeen.NoRequest => Lane.Pager,
            PagingSeen.Completed or PagingSeen.Faulted or PagingSeen.Returned => Lane.Guest,
            PagingSeen.Word when PagingOp.VcpuOf(now.Operation) is not null => Lane.Guest,
            _ => Lane.Hypervisor,
        },
        Seen = now.Seen.ToString(),
    };
}
