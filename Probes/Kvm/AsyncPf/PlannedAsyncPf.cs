using System.Diagnostics;
using System.Text.Json;
using HvLab.Probes.Native.Kvm;
using HvLab.Probes.Wire;
using HvLab.Reference.Kvm;

namespace HvLab.Probes.Kvm.AsyncPf;

/// <summary>One plan of "kvm-async-pf" with the VM that it runs on.</summary>
internal sealed class PlannedAsyncPf(KvmSystem kvm, Undertaker undertaker, AsyncPfPlan plan) : IPlannedScenario
{
    private AsyncPfProbe? _machine;

    public bool Alone { get; } = plan.Operations.Any(operation => operation is AsyncPfOp.DestroyVm);

    public void MakeReady()
    {
        if (Alone)
            undertaker.Finish(); // VMs of earlier scenarios would be counted as leaks
        _machine = new(kvm, plan.Vcpus, Alone, new(plan.GiveUpMs));
    }

    public void Run(EventSink sink)
    {
        var machine = _machine ?? throw new InvalidOperationException("The machine was not made ready.");
        var start = Stopwatch.GetTimestamp();
        try
        {
            for (var step = 0; step < plan.Operations.Count; step++)
            {
                var at = Stopwatch.GetElapsedTime(start);
                var seen = plan.Operations[step].On(machine);
                var took = Stopwatch.GetElapsedTime(start) - at;
                sink(step, (long)at.TotalMicroseconds, (long)took.TotalMicroseconds,
                    () => JsonSerializer.SerializeToElement(seen, AsyncPfJson.Default.AsyncPfSeen));
            }
        }
        finally
        {
            undertaker.Take(machine);
        }
    }
}
