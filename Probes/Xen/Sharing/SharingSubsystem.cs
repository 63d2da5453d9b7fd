using System.Text.Json;
using HvLab.Probes.Native.Linux;
using HvLab.Probes.Wire;
using HvLab.Probes.Xen.Domains;
using HvLab.Reference.Xen;

namespace HvLab.Probes.Xen.Sharing;

/// <summary>Runs plans of the subsystem "xen-sharing".</summary>
public sealed class SharingSubsystem(XenHost? host) : ISubsystemProbe
{
    // Finding out takes a domain: only who asks pays for it.
    private readonly Lazy<IReadOnlyList<string>> _capabilities = new(() => host is null ? [] : Find(host));

    public IReadOnlyList<string> Capabilities => _capabilities.Value;

    public IPlannedScenario Read(JsonElement plan) => new PlannedSharing(
        host ?? throw new InvalidOperationException("This host is no control domain of a running Xen."),
        plan.Deserialize(SharingJson.Default.SharingPlan) ?? throw new MalformedFrameException("The plan is null."));

    private static List<string> Find(XenHost host)
    {
        using var domain = new XenDomain(host, new(Vcpus: 1, First: SharingGuest.FirstWatched, Pages: 0));
        List<string> found = [];
        if (host.Control.SetSharing(domain.Number, enabled: true) == Errno.None)
            found.Add("xen-memory-sharing");
        _ = host.Control.AuditSharing(out var errno);
        if (errno == Errno.None)
            found.Add("xen-sharing-audit");
        return found;
    }
}
