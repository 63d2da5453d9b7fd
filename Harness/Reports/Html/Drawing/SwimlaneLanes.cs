using HvLab.Harness.Lab.Results;

namespace HvLab.Harness.Reports.Html.Drawing;

/// <summary>The columns of a drawing: the guest (one column a vCPU where the trace has several), the hypervisor, the pager.</summary>
internal sealed class SwimlaneLanes
{
    // Past this many vCPUs the columns would not fit a page, and one guest column says more.
    private const int MaxVcpuColumns = 4;

    private readonly int[] vcpus;

    public SwimlaneLanes(IReadOnlyList<TraceStep> steps)
    {
        int[] seen = [.. steps.Where(s => s.Actor == Lane.Guest || s.Witness == Lane.Guest).Select(s => s.Vcpu).OfType<int>().Distinct().Order()];
        vcpus = seen.Length is > 1 and <= MaxVcpuColumns ? seen : [];
        Names = vcpus.Length == 0
            ? ["Guest", "Hypervisor", "Pager"]
            : [.. vcpus.Select(v => $"Guest vCPU {v}"), "Hypervisor", "Pager"];
    }

    public IReadOnlyList<string> Names { get; }

    public int Column(Lane lane, int? vcpu) => lane switch
    {
        Lane.Guest => vcpu is { } number ? Math.Max(0, Array.IndexOf(vcpus, number)) : 0,
        Lane.Hypervisor => Names.Count - 2,
        _ => Names.Count - 1,
    };
}
