using System.Text.Json;
using HvLab.Harness.Diff;
using HvLab.Harness.Lab.Results;
using HvLab.Reference;
using HvLab.Reference.Models;
using HvLab.Reference.Models.Xen;
using HvLab.Reference.Xen;

namespace HvLab.Harness.Scenarios.Xen;

/// <summary>A claim about Xen's page sharing: a list of operations that the model judges, each with everything around it.</summary>
public sealed class SharingScenario : IScenario
{
    public const string SubsystemName = "xen-sharing";

    /// <summary>First part of the ids of scenarios that end the hypervisor: no suite that must be quick takes them in.</summary>
    public const string CrashGroup = "crashes-xen";

    /// <summary>What an operation may take, with a look at every page of every domain.</summary>
    public static readonly TimeSpan Liveness = TimeSpan.FromSeconds(30);

    private const int Patience = 8000;

    public required string Name { get; init; }
    public string Group { get; init; } = SubsystemName;
    public required string Claim { get; init; }
    /// <summary>Milliseconds until the probe says that nothing happened.</summary>
    public int GiveUpMs { get; init; } = Patience;
    public int Domains { get; init; } = 2;
    public int Vcpus { get; init; } = 1;
    public required IReadOnlyList<SharingOp> Trace { get; init; }

    public string Id => $"{Group}/{Name}";
    public string Subsystem => SubsystemName;
    public int Steps => Trace.Count;

    public HostNeed Needs { get; } = new HostNeed.Capability("xen-memory-sharing") & new HostNeed.Capability("xen-sharing-audit");

    public SharingModel Model => SharingModel.AtStart(new(SharingGuest.FirstWatched), Domains, Vcpus);

    public static Conformance<SharingModel, SharingOp, SharingSeen> NewConformance() => new((operation, model) => operation.On(model), Liveness);

    public JsonElement Plan() => JsonSerializer.SerializeToElement(new SharingPlan(Domains, Vcpus, Trace, GiveUpMs), SharingJson.Default.SharingPlan);

    public Judgement Judge(IReadOnlyList<RawEvent> events)
    {
        ArgumentNullException.ThrowIfNull(events);
        return Diff.Judge.Compare<SharingModel, SharingOp, SharingSeen>(
            Model, NewConformance(), Read(events), [.. events.Select(raw => raw.AtMicros)], Narrate);
    }

    public Func<bool> PrepareCheck(IReadOnlyList<RawEvent> events)
    {
        ArgumentNullException.ThrowIfNull(events);
        var (typed, start, model) = (Read(events), Model, NewConformance());
        return () => model.Check(start, typed) is null;
    }

    public override string ToString() => Name;

    private Event<SharingOp, SharingSeen>[] Read(IReadOnlyList<RawEvent> events)
    {
        var typed = new Event<SharingOp, SharingSeen>[events.Count];
        for (var index = 0; index < events.Count; index++)
        {
            var raw = events[index];
            if (raw.Step != index || index >= Trace.Count)
                throw new JsonException($"Event {index} of {Id} answers step {raw.Step} of a plan of {Trace.Count}.");
            typed[index] = new(Trace[index],
                raw.Seen.Deserialize(SharingJson.Default.SharingSeen) is { Answer: not null, World: not null } seen
                    ? seen
                    : throw new JsonException($"Event {index} of {Id} holds no observation."),
                TimeSpan.FromMicroseconds(raw.TookMicros));
        }
        return typed;
    }

    private static TraceStep Narrate(Event<SharingOp, SharingSeen> now) => new()
    {
        AtMicros = 0,
        TookMicros = 0,
        Vcpu = now.Operation switch
        {
            SharingOp.Write op => op.Vcpu.Value,
            SharingOp.Read op => op.Vcpu.Value,
            SharingOp.Await op => op.Vcpu.Value,
            _ => null,
        },
        Actor = now.Operation switch
        {
            SharingOp.Write or SharingOp.Read or SharingOp.Await => Lane.Guest,
            SharingOp.TakeRequest or SharingOp.Respond or SharingOp.PageOut or SharingOp.PageIn => Lane.Pager,
            _ => Lane.Hypervisor,
        },
        Operation = now.Operation.ToString()!,
        Witness = now.Seen.Answer switch
        {
            SharingAnswer.Value => Lane.Guest,
            SharingAnswer.Done when now.Operation is SharingOp.Write or SharingOp.Await => Lane.Guest,
            SharingAnswer.Request or SharingAnswer.NoRequest => Lane.Pager,
            _ => Lane.Hypervisor,
        },
        Seen = now.Seen.ToString(),
    };
}
