using HvLab.Probes.Wire;
using HvLab.Probes.Xen.Domains;
using HvLab.Reference.Xen;

namespace HvLab.Probes.Xen.Sharing;

/// <summary>One plan of "xen-sharing" with the domains that it runs on.</summary>
internal sealed class PlannedSharing(XenHost host, SharingPlan plan) : IPlannedScenario
{
    public void Run(EventSink sink)
    {
        using var machines = new SharingProbe(host, plan.Domains, plan.Vcpus, plan.GiveUpMs);
        machines.Start();
        PlanSteps.Run(plan.Operations, operation => operation.On(machines), SharingJson.Default.SharingSeen, sink);
    }
}
