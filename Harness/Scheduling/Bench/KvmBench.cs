using HvLab.Harness.Lab;
using HvLab.Harness.Provisioning.Boxes;
using HvLab.Harness.Provisioning.Images;
using HvLab.Harness.Reports.Json;

namespace HvLab.Harness.Scheduling.Bench;

/// <summary>Measures the figures of issue 2, each round side by side with a bare boot of the same kernel and image.</summary>
internal sealed class KvmBench(TimeProvider clock)
{
    public const string Warm = "kvm.run.warm.ratio", FirstVerdict = "kvm.first-verdict.s", OwnKernel = "kvm.own-kernel.ratio",
        ScenarioRate = "kvm.scenarios.per-second", CheckRate = "check.events.per-second";

    private readonly Samples _bare = new(), _warm = new(), _own = new(), _firstVerdict = new(), _scenarios = new();

    /// <summary>The host of the first run; null before.</summary>
    public HostFacts? Host { get; private set; }

    /// <param name="run">Names the suite, box and release that are measured.</param>
    /// <param name="directory">Gets the measured runs' directories.</param>
    /// <param name="set">--set of the command line, for the child processes.</param>
    /// <exception cref="LabException">A measurement failed; a missed target is none.</exception>
    public async Task<IReadOnlyList<BenchFigure>> MeasureAsync(
        RunRequest run, int rounds, string directory, IReadOnlyList<string> set, IProgress<string> progress, CancellationToken cancellation)
    {
        var child = new LauncherRun(run.Paths, clock);
        var arguments = LauncherRun.Arguments(run, set);
        progress.Report("a first run, which makes what is missing");
        var last = await child.MeasureAsync(arguments, Path.Combine(directory, "first"), cancellation);
        Host = last.Result.Host;
        progress.Report($"first run {Seconds(last.Wall)}");

        var images = new ImageBuilder(run.Paths, run.Lab.Bounds, clock);
        var boot = await images.EnsureAsync(run.Release, progress, cancellation);
        var build = await images.EnsurePackagedBuildAsync(run.Release, progress, cancellation);
        for (var round = 1; round <= rounds; round++)
        {
            var bare = (await BareBoot.MeasureAsync(run.Box, boot, run.Lab.Bounds, clock, cancellation)).Off;
            var warm = last = await child.MeasureAsync(arguments, Path.Combine(directory, $"warm-{round}"), cancellation);
            var own = await MeasureOwnAsync(child, arguments, build, directory, round, cancellation);
            _bare.Add(bare.TotalSeconds);
            _warm.Add(warm.Wall.TotalSeconds);
            _own.Add(own.Wall.TotalSeconds);
            _firstVerdict.Add(warm.FirstVerdict.TotalSeconds);
            _scenarios.Add(warm.ScenariosPerSecond);
            foreach (var failed in new[] { warm, own }.Where(one => one.ExitCode != 0))
                progress.Report($"a run had an unexpected Failure (measured all the same): see {failed.Directory}");
            progress.Report($"round {round} of {rounds}: bare boot {Seconds(bare)}, warm run {Seconds(warm.Wall)} (first verdict {Seconds(warm.FirstVerdict)}), own kernel {Seconds(own.Wall)}");
        }
        progress.Report("checking recorded traces");
        return
        [
            Samples.Ratio(Warm, "<= 1.0", _warm, _bare),
            _firstVerdict.ToFigure(FirstVerdict, "s", null),
            Samples.Ratio(OwnKernel, "<= 2.0", _own, _bare),
            _scenarios.ToFigure(ScenarioRate, "1/s", ">= 30"),
            CheckingSpeed.Measure(Recordings.Of(last.Result), clock).ToFigure(CheckRate, "1/s", ">= 1000000"),
        ];
    }

    private static async Task<MeasuredRun> MeasureOwnAsync(
        LauncherRun child, IReadOnlyList<string> arguments, PackagedBuild build, string directory, int round, CancellationToken cancellation)
    {
        var changed = Path.Combine(directory, $"bzImage-{round}");
        try
        {
            await ChangedKernel.WriteAsync(build.Image, changed, cancellation);
            return await child.MeasureAsync(
                [.. arguments, "--kernel", changed, "--modules", build.Modules], Path.Combine(directory, $"own-kernel-{round}"), cancellation);
        }
        finally
        {
            File.Delete(changed);
        }
    }

    private static string Seconds(TimeSpan time) => FormattableString.Invariant($"{time.TotalSeconds:0.00} s");
}
