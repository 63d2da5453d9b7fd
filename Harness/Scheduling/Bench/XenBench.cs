using HvLab.Harness.Lab;
using HvLab.Harness.Provisioning.Boxes;
using HvLab.Harness.Provisioning.Images;
using HvLab.Harness.Reports.Json;

namespace HvLab.Harness.Scheduling.Bench;

/// <summary>Measures the figures of issue 3, each round side by side with a bare boot of the same Xen and dom0.</summary>
internal sealed class XenBench(TimeProvider clock)
{
    public const string Warm = "xen.run.warm.ratio", OwnXen = "xen.own-xen.ratio", DomainRate = "xen.domains.per-second";

    private readonly Samples _bare = new(), _warm = new(), _own = new(), _domains = new();

    /// <param name="run">Names the suite, box and release that are measured.</param>
    /// <param name="directory">Gets the measured runs' directories.</param>
    /// <param name="set">--set of the command line, for the child processes.</param>
    /// <exception cref="LabException">A measurement failed; a missed target is none.</exception>
    public async Task<IReadOnlyList<BenchFigure>> MeasureAsync(
        RunRequest run, int rounds, string directory, IReadOnlyList<string> set, IProgress<string> progress, CancellationToken cancellation)
    {
        var child = new LauncherRun(run.Paths, clock);
        var arguments = LauncherRun.Arguments(run, set);
        progress.Report($"{run.Release.Name}: a first run, which makes what is missing");
        await child.MeasureAsync(arguments, Path.Combine(directory, "xen-first"), cancellation);
        var boot = await new ImageBuilder(run.Paths, run.Lab.Bounds, clock).EnsureAsync(run.Release, progress, cancellation);
        for (var round = 1; round <= rounds; round++)
        {
            var bare = (await BareBoot.MeasureAsync(run.Box, boot, run.Lab.Bounds, clock, cancellation)).Off;
            var warm = await child.MeasureAsync(arguments, Path.Combine(directory, $"xen-warm-{round}"), cancellation);
            var own = await MeasureOwnAsync(child, arguments, boot.Hypervisor!, directory, round, cancellation);
            _bare.Add(bare.TotalSeconds);
            _warm.Add(warm.Wall.TotalSeconds);
            _own.Add(own.Wall.TotalSeconds);
            // Every scenario creates, uses and destroys a domain of its own at least, so this is a lower bound.
            _domains.Add(warm.ScenariosPerSecond);
            progress.Report(FormattableString.Invariant(
                $"{run.Release.Name}, round {round} of {rounds}: bare boot {bare.TotalSeconds:0.00} s, warm run {warm.Wall.TotalSeconds:0.00} s, own Xen {own.Wall.TotalSeconds:0.00} s"));
        }
        return
        [
            Samples.Ratio(Warm, "<= 2.0", _warm, _bare),
            Samples.Ratio(OwnXen, "<= 3.0", _own, _bare),
            _domains.ToFigure(DomainRate, "1/s", ">= 8"),
        ];
    }

    /// <summary>Bytes after the end of an ELF change its hash and nothing else: to every cache it is a rebuilt Xen.</summary>
    private static async Task<MeasuredRun> MeasureOwnAsync(
        LauncherRun child, IReadOnlyList<string> arguments, string xen, string directory, int round, CancellationToken cancellation)
    {
        var changed = Path.Combine(directory, $"xen-{round}");
        try
        {
            await ChangedKernel.WriteAsync(xen, changed, cancellation);
            return await child.MeasureAsync([.. arguments, "--xen", changed], Path.Combine(directory, $"xen-own-{round}"), cancellation);
        }
        finally
        {
            File.Delete(changed);
        }
    }
}
