using System.Text.Json;
using HvLab.Harness.Diff;
using HvLab.Harness.Lab.Results;
using HvLab.Reference.Models;
using HvLab.Reference.Models.Xen.Ioreq;
using HvLab.Reference.Xen;

namespace HvLab.Harness.Scenarios.Xen;

/// <summary>A claim about Xen's ioreq servers: a list of operations that the documented design judges.</summary>
public sealed class IoreqScenario : IScenario
{
    public const string SubsystemName = "xen-ioreq";

    /// <summary>Every answer must come within this time. Whether a vCPU hangs is decided by evidence, not by time, so this only
    /// bounds calls that never return: on a busy machine an unmap waits seconds for the other CPU's TLB flush.</summary>
    public static readonly TimeSpan Liveness = TimeSpan.FromSeconds(30);

    // The probe looks for evidence; only a box that is too slow for any reaches this.
    private const int Patience = 5000;

    public required string Name { get; init; }
    public required string Claim { get; init; }
    /// <summary>Milliseconds until the probe says that nothing happened.</summary>
    public int GiveUpMs { get; init; } = Patience;
    public int Vcpus { get; init; } = 1;
    /// <summary>Pages of the window.</summary>
    public int Pages { get; init; } = 8;
    public required IReadOnlyList<IoreqOp> Trace { get; init; }

    public string Id => $"{SubsystemName}/{Name}";
    public string Subsystem => SubsystemName;
    public int Steps => Trace.Count;
    public HostNeed Needs { get; } = new HostNeed.Capability("xen-ioreq-server");

    /// <summary>The state before the first operation, for the design that Xen's interface documents or for another one.</summary>
    public IoreqModel ModelOf(IoreqDesign? design = null) => IoreqModel.AtStart(new(design ?? IoreqDesigns.SweepOnDetach), Vcpus, Pages);

    public static Conformance<IoreqModel, IoreqOp, IoreqSeen> NewConformance() => new((operation, model) => operation.On(model), Liveness);

    public JsonElement Plan() => JsonSerializer.SerializeToElement(new IoreqPlan(Vcpus, Pages, Trace, GiveUpMs), IoreqJson.Default.IoreqPlan);

    /// <remarks>Where the documented design does not explain the trace, the divergence says which of the others does.</remarks>
    public Judgement Judge(IReadOnlyList<RawEvent> events)
    {
        ArgumentNullException.ThrowIfNull(events);
        var typed = Read(events);
        var judgement = Diff.Judge.Compare<IoreqModel, IoreqOp, IoreqSeen>(
            ModelOf(), NewConformance(), typed, [.. events.Select(raw => raw.AtMicros)], Narrate);
        if (judgement.Divergence is not { } divergence)
            return judgement;
        var designs = ExplainedBy(typed);
        var verdict = designs.Count == 0
            ? "No design of the model ioreq-logdirty explains the whole trace."
            : $"The whole trace is explained by the design {string.Join(" and by ", designs.Select(design => $"{design.Name} ({design.Source})"))}.";
        return judgement with { Divergence = divergence with { Rules = [.. divergence.Rules, verdict] } };
    }

    /// <summary>The designs of the model ioreq-logdirty that allow every answer.</summary>
    /// <exception cref="JsonException">An observation is not one of this subsystem.</exception>
    public IReadOnlyList<IoreqDesign> ExplainedBy(IReadOnlyList<RawEvent> events) => ExplainedBy(Read(events));

    private IReadOnlyList<IoreqDesign> ExplainedBy(Event<IoreqOp, IoreqSeen>[] events) =>
        [.. IoreqDesigns.All.Where(design => NewConformance().Check(ModelOf(design), events) is null)];

    public Func<bool> PrepareCheck(IReadOnlyList<RawEvent> events)
    {
        ArgumentNullException.ThrowIfNull(events);
        var (typed, start, model) = (Read(events), ModelOf(), NewConformance());
        return () => model.Check(start, typed) is null;
    }

    private Event<IoreqOp, IoreqSeen>[] Read(IReadOnlyList<RawEvent> events)
    {
        var typed = new Event<IoreqOp, IoreqSeen>[events.Count];
        for (var index = 0; index < events.Count; index++)
        {
            var raw = events[index];
            if (raw.Step != index || index >= Trace.Count)
                throw new JsonException($"Event {index} of {Id} answers step {raw.Step} of a plan of {Trace.Count}.");
            typed[index] = new(Trace[index],
                raw.Seen.Deserialize(IoreqJson.Default.IoreqSeen) ?? throw new JsonException($"Event {index} of {Id} holds no observation."),
                TimeSpan.FromMicroseconds(raw.TookMicros));
        }
        return typed;
    }

    private static TraceStep Narrate(Event<IoreqOp, IoreqSeen> now) => new()
    {
        AtMicros = 0,
        TookMicros = 0,
        Vcpu = IoreqOp.VcpuOf(now.Operation)?.Value,
        Actor = now.Operation switch
        {
            IoreqOp.Access or IoreqOp.Await or IoreqOp.Survey => Lane.Guest,
            IoreqOp.EnableLogDirty or IoreqOp.DisableLogDirty or IoreqOp.PeekDirty or IoreqOp.CleanDirty or IoreqOp.DestroyDomain or IoreqOp.GetMemType => Lane.Hypervisor,
            _ => Lane.Pager,
        },
        Operation = now.Operation.ToString()!,
        Witness = now.Seen switch
        {
            IoreqSeen.Forwarded => Lane.Pager,
            IoreqSeen.Completed or IoreqSeen.Faulted => Lane.Guest,
            IoreqSeen.Value or IoreqSeen.Surveyed when IoreqOp.VcpuOf(now.Operation) is not null => Lane.Guest,
            IoreqSeen.Value => Lane.Pager,
            _ => Lane.Hypervisor,
        },
        Seen = now.Seen.ToString()!,
    };
}
