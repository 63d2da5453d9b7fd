using HvLab.Harness.Lab;
using HvLab.Harness.Reports.Json;

namespace HvLab.Harness.Scheduling.Bench;

/// <summary>
/// Measures what the issues set targets for. What is compared is measured side by side, round by round, since other users of
/// the machine slow down everything alike; no absolute time is compared with one of another day.
/// </summary>
public sealed class SpeedBench(TimeProvider clock)
{
    /// <returns>The figures, also written to bench.json in the request's directory.</returns>
    /// <exception cref="LabException">A measurement failed; a missed target is none.</exception>
    public async Task<BenchResult> MeasureAsync(BenchRequest request, IProgress<string> progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(progress);
        Directory.CreateDirectory(request.Directory);
        var (run, rounds) = (request.Run, request.Rounds);
        var kvm = new KvmBench(clock);
        List<BenchFigure> figures = [];
        if (request.Parts.HasFlag(BenchParts.Kvm))
            figures.AddRange(await kvm.MeasureAsync(run, rounds, request.Directory, request.Set, progress, cancellation));
        if (request.Parts.HasFlag(BenchParts.Fuzz))
            figures.AddRange(await new FuzzSpeed(clock).MeasureAsync(run, request.Xen, rounds, In(request, "fuzz"), progress, cancellation));
        if (request.Parts.HasFlag(BenchParts.Xen))
            figures.AddRange(await new XenBench(clock).MeasureAsync(NeedXen(request), rounds, request.Directory, request.Set, progress, cancellation));
        if (request.Parts.HasFlag(BenchParts.Explorer))
            figures.AddRange(await new ExplorationSpeed(run.Paths, run.Lab.Bounds, clock).MeasureAsync(In(request, "spin"), rounds, progress, cancellation));
        var result = new BenchResult(clock.GetUtcNow(), figures, kvm.Host);
        BenchFile.Write(In(request, BenchFile.Name), result);
        return result;
    }

    private static RunRequest NeedXen(BenchRequest request) =>
        request.Xen ?? throw new LabException(LabFault.Configuration, "No scenario of the suite 'xen' exists; './hvlab list' shows them all.");

    private static string In(BenchRequest request, string name) => Path.Combine(request.Directory, name);
}
