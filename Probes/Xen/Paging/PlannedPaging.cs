using System.Diagnostics;
using System.Text.Json;
using HvLab.Probes.Wire;
using HvLab.Probes.Xen.Domains;
using HvLab.Reference.Xen;

namespace HvLab.Probes.Xen.Paging;

/// <summary>One plan of "xen-paging" with the domain that it runs on.</summary>
internal sealed class PlannedPaging(XenHost host, PagingPlan plan) : IPlannedScenario
{
    private PagingProbe? _machine;

    public bool Alone => false;

    /// <summary>Builds the domain and leaves it paused: guests share one physical CPU, and what one gets of it is evidence.</summary>
    public void MakeReady() => _machine = new(host, plan.Vcpus, plan.GiveUpMs);

    public void Run(EventSink sink)
    {
        using var machine = _machine ?? throw new InvalidOperationException("The machine was not made ready.");
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
