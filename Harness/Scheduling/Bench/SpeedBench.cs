using HvLab.Harness.Lab;
using HvLab.Harness.Provisioning.Boxes;
using HvLab.Harness.Provisioning.Images;
using HvLab.Harness.Reports.Json;

namespace HvLab.Harness.Scheduling.Bench;

/// <summary>
/// Measures the figures of issue 2, and has those of Xen measured after them. What is compared is measured side by side, round by round, since other users of the
/// machine slow down everything alike; no absolute time is compared with one of another day.
/// </summary>
public sealed class SpeedBench(TimeProvider clock)
{
    public const string Warm = "kvm.run.warm.ratio", FirstVerdict = "kvm.first-verdict.s", OwnKernel = "kvm.own-kernel.ratio",
        ScenarioRate = "kvm.scenarios.per-second", CheckRate = "check.events.per-second";

    private readonly Samples _bare = new(), _warm = new(), _own = new(), _firstVerdict = new(), _scenarios = new();
    private MeasuredRun? _last;

    /// <returns>The figures, also written to bench.json in the request's directory.</returns>
    /// <exception cref="LabException">A measurement failed; a missed target is none.</exception>
    public async Task<BenchResult> MeasureAsync(BenchRequest request, IProgress<string> progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(progress);
        Directory.CreateDirectory(request.Directory);
        var run = request.Run;
        var child = new LauncherRun(run.Paths, clock);
        progress.Report("a first run, which makes what is missing");
        var first = await child.MeasureAsync(Arguments(request), In(request, "first"), cancellation);
        progress.Report($"first run {Seconds(first.Wall)}");

        var images = new ImageBuilder(run.Paths, run.Lab.Bounds, clock);
        var boot = await images.EnsureAsync(run.Release, progress, cancellation);
        var build = await images.EnsurePackagedBuildAsync(run.Release, progress, cancellation);
        for (var round = 1; round <= request.Rounds; round++)
            await RoundAsync(request, round, child, boot, build, progress, cancellation);

        progress.Report("checking recorded traces");
        var checking = CheckingSpeed.Measure(Recordings.Of(_last!.Result), clock);
        var fuzzing = await new FuzzSpeed(clock).MeasureAsync(run, request.Xen, request.Rounds, In(request, "fuzz"), progress, cancellation);
        var xen = request.Xen is { } other
            ? await new XenBench(clock).MeasureAsync(other, request.Rounds, request.Directory, request.Set, progress, cancellation) : [];
        var exploring = await new ExplorationSpeed(run.Paths, run.Lab.Bounds, clock).MeasureAsync(In(request, "spin"), request.Rounds, progress, cancellation);
        var result = new BenchResult(clock.GetUtcNow(),
        [
            Samples.Ratio(Warm, "<= 1.0", _warm, _bare),
            _firstVerdict.ToFigure(FirstVerdict, "s", null),
            Samples.Ratio(OwnKernel, "<= 2.0", _own, _bare),
            _scenarios.ToFigure(ScenarioRate, "1/s", ">= 30"),
            checking.ToFigure(CheckRate, "1/s", ">= 1000000"),
            .. fuzzing,
            .. xen,
            .. exploring,
        ], first.Result.Host);
        BenchFile.Write(In(request, BenchFile.Name), result);
        return result;
    }

    /// <summary>Only the figures of Xen.</summary>
    /// <inheritdoc cref="MeasureAsync"/>
    public Task<BenchResult> MeasureXenAsync(BenchRequest request, IProgress<string> progress, CancellationToken cancellation) =>
        MeasurePartAsync(request, () => new XenBench(clock).MeasureAsync(
            request.Xen ?? throw new LabException(LabFault.Configuration, "No scenario of the suite 'xen' exists; './hvlab list' shows them all."),
            request.Rounds, request.Directory, request.Set, progress, cancellation));

    /// <summary>Only the figures that need no box.</summary>
    /// <inheritdoc cref="MeasureAsync"/>
    public Task<BenchResult> MeasureExplorationAsync(BenchRequest request, IProgress<string> progress, CancellationToken cancellation) =>
        MeasurePartAsync(request, () => new ExplorationSpeed(request.Run.Paths, request.Run.Lab.Bounds, clock)
            .MeasureAsync(In(request, "spin"), request.Rounds, progress, cancellation));

    /// <summary>Only the figures of './hvlab fuzz'.</summary>
    /// <inheritdoc cref="MeasureAsync"/>
    public Task<BenchResult> MeasureFuzzingAsync(BenchRequest request, IProgress<string> progress, CancellationToken cancellation) =>
        MeasurePartAsync(request, () => new FuzzSpeed(clock)
            .MeasureAsync(request.Run, request.Xen, request.Rounds, In(request, "fuzz"), progress, cancellation));

    private async Task<BenchResult> MeasurePartAsync(BenchRequest request, Func<Task<IReadOnlyList<BenchFigure>>> measure)
    {
        ArgumentNullException.ThrowIfNull(request);
        Directory.CreateDirectory(request.Directory);
        var figures = await measure();
        var result = new BenchResult(clock.GetUtcNow(), figures);
        BenchFile.Write(In(request, BenchFile.Name), result);
        return result;
    }

    private async Task RoundAsync(
        BenchRequest request, int round, LauncherRun child, BootArtifacts boot, PackagedBuild build, IProgress<string> progress, CancellationToken cancellation)
    {
        var run = request.Run;
        var bare = (await BareBoot.MeasureAsync(run.Box, boot, run.Lab.Bounds, clock, cancellation)).Off;
        var warm = await child.MeasureAsync(Arguments(request), In(request, $"warm-{round}"), cancellation);

        var changed = In(request, $"bzImage-{round}");
        MeasuredRun own;
        try
        {
            await ChangedKernel.WriteAsync(build.Image, changed, cancellation);
            own = await child.MeasureAsync(
                [.. Arguments(request), "--kernel", changed, "--modules", build.Modules], In(request, $"own-kernel-{round}"), cancellation);
        }
        finally
        {
            File.Delete(changed);
        }
        _bare.Add(bare.TotalSeconds);
        _warm.Add(warm.Wall.TotalSeconds);
        _own.Add(own.Wall.TotalSeconds);
        _firstVerdict.Add(warm.FirstVerdict.TotalSeconds);
        _scenarios.Add(warm.ScenariosPerSecond);
        _last = warm;
        foreach (var failed in new[] { warm, own }.Where(one => one.ExitCode != 0))
            progress.Report($"a run had an unexpected Failure (measured all the same): see {failed.Directory}");
        progress.Report($"round {round} of {request.Rounds}: bare boot {Seconds(bare)}, warm run {Seconds(warm.Wall)} (first verdict {Seconds(warm.FirstVerdict)}), own kernel {Seconds(own.Wall)}");
    }

    private static IReadOnlyList<string> Arguments(BenchRequest request) =>
    [
        .. request.Run.Suites.Select(suite => suite.Name), "--box", request.Run.Box.Name, "--release", request.Run.Release.Name,
        .. request.Set.SelectMany(setting => (string[])["--set", setting]),
    ];

    private static string In(BenchRequest request, string name) => Path.Combine(request.Directory, name);

    private static string Seconds(TimeSpan time) => FormattableString.Invariant($"{time.TotalSeconds:0.00} s");
}
