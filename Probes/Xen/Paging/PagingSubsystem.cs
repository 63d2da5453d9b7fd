using System.Text.Json;
using HvLab.Probes.Native.Linux;
using HvLab.Probes.Wire;
using HvLab.Probes.Xen.Domains;
using HvLab.Reference.Xen;

namespace HvLab.Probes.Xen.Paging;

/// <summary>Runs plans of the subsystem "xen-paging".</summary>
/// <param name="host">Null where this is no control domain of Xen.</param>
public sealed class PagingSubsystem(XenHost? host) : ISubsystemProbe
{
    /// <summary>Xen was built with CONFIG_MEM_PAGING.</summary>
    public const string Capability = "xen-mem-paging";

    public IReadOnlyList<string> Capabilities { get; } = host is not null && CanPage(host) ? [Capability] : [];

    public IPlannedScenario Read(JsonElement plan) => new PlannedPaging(
        host ?? throw new InvalidOperationException("This host is no control domain of Xen."),
        plan.Deserialize(PagingJson.Default.PagingPlan) ?? throw new MalformedFrameException("The plan is null."));

    /// <summary>Asks Xen: without paging it does not know the operation at all; with it, there is no ring to disable.</summary>
    private static bool CanPage(XenHost host)
    {
        try
        {
            using var domain = new XenDomain(host, new(Pages: 64));
            return host.Control.NominateForPaging(domain.Number, 0).Value == XenError.Enodev.Value;
        }
        catch (NativeCallException)
        {
            return false; // a Xen that cannot even make such a domain
        }
    }
}
