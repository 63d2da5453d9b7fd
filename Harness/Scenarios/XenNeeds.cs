using HvLab.Harness.Lab;

namespace HvLab.Harness.Scenarios;

/// <summary>What scenarios of Xen need, found by the lab when the host boots. A probe may report the same names, or more.</summary>
public static class XenNeeds
{
    public static HostNeed Xen { get; } = new HostNeed.Capability(HostCapability.Xen);

    /// <summary>Xen built with paging: any but a stock one.</summary>
    public static HostNeed Paging { get; } = Xen & new HostNeed.Capability(HostCapability.XenPaging);

    /// <summary>Xen built with sharing that does not refuse it on this CPU: EPT, or lab-patched.</summary>
    public static HostNeed Sharing { get; } = Xen & new HostNeed.Capability(HostCapability.XenSharing);
}
