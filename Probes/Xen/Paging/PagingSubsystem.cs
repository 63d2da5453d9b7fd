using System.Text.Json;
using HvLab.Probes.Wire;
using HvLab.Probes.Xen.Domains;
using HvLab.Reference.Xen;

namespace HvLab.Probes.Xen.Paging;

/// <summary>Runs plans of the subsystem "xen-paging".</summary>
/// <param name="host">Null where this is no control domain of Xen.</param>
public sealed class PagingSubsystem(XenHost? host) : ISubsystemProbe
{
    // Whether Xen was built with paging stands in its own configuration, which the lab reads.
    public IReadOnlyList<string> Capabilities => [];

    public IPlannedScenario Read(JsonElement plan) => new PlannedPaging(
        host ?? throw new InvalidOperationException("This host is no control domain of Xen."),
        plan.Deserialize(PagingJson.Default.PagingPlan) ?? throw new MalformedFrameException("The plan is null."));
}
