using System.Diagnostics;
using System.Text.Json;
using HvLab.Probes.Wire;
using HvLab.Probes.Xen.Domains;
using HvLab.Reference.Xen;

namespace HvLab.Probes.Xen.Paging;

/// <summary>One plan of "xen-paging" with the domain that it runs on.</summary>
internal sealed class PlannedPaging(XenHost host, PagingPlan plan) : IPlannedScenario
{
    /// <summary>Guests share one physical CPU, and what one gets of it is evidence.</summary>
    public bool Alone => true;

    public void Run(EventSink sink)
    {
        using var machine = new PagingProbe(host, plan.Vcpus, plan.GiveUpMs);
        machine.Start();
        var start = Stopwatch.GetTimestamp();
        for (var step = 0; step < plan.Operations.Count; step++)
        {
            var at = Stopwatch.GetElapsedTime(start);
            var seen = plan.Operations[step].On(machine);
            var took = Stopwatch.GetElapsedTime(start) - at;
            sink(step, (long)at.TotalMicroseconds, (long)took.TotalMicroseconds,
                () => JsonSerializer.SerializeToElement(seen, PagingJson.Default.PagingSeen));
        }
    }
}
