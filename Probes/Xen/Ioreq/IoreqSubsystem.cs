using System.Text.Json;
using HvLab.Probes.Wire;
using HvLab.Probes.Xen.Domains;
using HvLab.Reference.Xen;

namespace HvLab.Probes.Xen.Ioreq;

/// <summary>Runs plans of the subsystem "xen-ioreq".</summary>
/// <param name="host">Null where this is no control domain of Xen.</param>
public sealed class IoreqSubsystem(XenHost? host) : ISubsystemProbe
{
    /// <summary>A control domain of Xen whose device models may run: every build has ioreq servers.</summary>
    public const string Capability = "xen-ioreq-server";

    public IReadOnlyList<string> Capabilities { get; } = host is not null ? [Capability] : [];

    public IPlannedScenario Read(JsonElement plan) => new PlannedIoreq(
        host ?? throw new InvalidOperationException("This host is no control domain of Xen."),
        plan.Deserialize(IoreqJson.Default.IoreqPlan) ?? throw new MalformedFrameException("The plan is null."));
}

/// <summary>One plan of "xen-ioreq" with the domain that it runs on.</summary>
internal sealed class PlannedIoreq(XenHost host, IoreqPlan plan) : IPlannedScenario
{
    public void Run(EventSink sink)
    {
        using var machine = new IoreqProbe(host, plan);
        machine.Start();
        PlanSteps.Run(plan.Operations, operation => operation.On(machine), IoreqJson.Default.IoreqSeen, sink);
    }
}
