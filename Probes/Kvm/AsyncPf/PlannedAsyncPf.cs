using System.Diagnostics;
using System.Text.Json;
using HvLab.Probes.Wire;
using HvLab.Reference.Kvm;

namespace HvLab.Probes.Kvm.AsyncPf;

/// <summary>One plan of "kvm-async-pf" with the machine that it runs on.</summary>
internal sealed class PlannedAsyncPf(Machines machines, AsyncPfPlan plan) : IPlannedScenario
{
    public bool Alone { get; } = plan.Operations.Any(operation => operation is AsyncPfOp.DestroyVm);

    public void Run(EventSink sink)
    {
        Leftovers? before = null;
        var machine = Alone ? machines.TakeAlone(out before) : machines.Take();
        var probe = new AsyncPfProbe(machine, plan.Vcpus, before, new(plan.GiveUpMs));
        var start = Stopwatch.GetTimestamp();
        try
        {
            for (var step = 0; step < plan.Operations.Count; step++)
            {
                var at = Stopwatch.GetElapsedTime(start);
                var seen = plan.Operations[step].On(probe);
                var took = Stopwatch.GetElapsedTime(start) - at;
                sink(step, (long)at.TotalMicroseconds, (long)took.TotalMicroseconds,
                    () => JsonSerializer.SerializeToElement(seen, AsyncPfJson.Default.AsyncPfSeen));
            }
        }
        finally
        {
            machines.TakeBack(probe);
        }
    }
}
