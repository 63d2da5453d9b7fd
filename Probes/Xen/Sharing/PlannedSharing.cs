using System.Diagnostics;
using System.Text.Json;
using HvLab.Probes.Wire;
using HvLab.Probes.Xen.Domains;
using HvLab.Reference.Xen;

namespace HvLab.Probes.Xen.Sharing;

/// <summary>One plan of "xen-sharing" with the domains that it runs on.</summary>
internal sealed class PlannedSharing(XenHost host, SharingPlan plan) : IPlannedScenario
{
    private SharingProbe? _machines;

    public bool Alone => false;

    public void MakeReady() => _machines = new(host, plan.Domains, plan.Vcpus, plan.GiveUpMs);

    public void Run(EventSink sink)
    {
        using var machines = _machines ?? throw new InvalidOperationException("The domains were not made ready.");
        machines.Start();
        var start = Stopwatch.GetTimestamp();
        for (var step = 0; step < plan.Operations.Count; step++)
        {
            var at = Stopwatch.GetElapsedTime(start);
            var seen = plan.Operations[step].On(machines);
            var took = Stopwatch.GetElapsedTime(start) - at;
            sink(step, (long)at.TotalMicroseconds, (long)took.TotalMicroseconds,
                () => JsonSerializer.SerializeToElement(seen, SharingJson.Default.SharingSeen));
        }
    }
}
