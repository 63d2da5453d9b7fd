using HvLab.Probes.Wire;
using HvLab.Probes.Xen.Domains;
using HvLab.Reference.Xen;

namespace HvLab.Probes.Xen.Paging;

/// <summary>One plan of "xen-paging" with the domain that it runs on.</summary>
internal sealed class PlannedPaging(XenHost host, PagingPlan plan) : IPlannedScenario
{
    public void Run(EventSink sink)
    {
        using var machine = new PagingProbe(host, plan.Vcpus, plan.GiveUpMs);
        machine.Start();
        PlanSteps.Run(plan.Operations, operation => operation.On(machine), PagingJson.Default.PagingSeen, sink);
    }
}
