using HvLab.Probes.Native.Linux;
using HvLab.Probes.Wire;
using HvLab.Reference.Kvm;

namespace HvLab.Probes.Kvm.AsyncPf;

/// <summary>One plan of "kvm-async-pf" with the machine that it runs on.</summary>
internal sealed class PlannedAsyncPf(Machines machines, AsyncPfPlan plan) : IPlannedScenario
{
    private readonly bool _countsLeftovers = plan.Operations.Any(operation => operation is AsyncPfOp.DestroyVm);

    public void Run(EventSink sink)
    {
        NativeThread.PinTo(HostCpu.Observer);
        Leftovers? before = null;
        var machine = _countsLeftovers ? machines.TakeAlone(out before) : machines.Take();
        var probe = new AsyncPfProbe(machine, plan.Vcpus, before, new(plan.GiveUpMs));
        try
        {
            PlanSteps.Run(plan.Operations, operation => operation.On(probe), AsyncPfJson.Default.AsyncPfSeen, sink);
        }
        finally
        {
            machines.TakeBack(probe);
            NativeThread.PinTo(null);
        }
    }
}
