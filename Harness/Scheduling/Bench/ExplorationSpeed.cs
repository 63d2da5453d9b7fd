using HvLab.Harness.Lab;
using HvLab.Harness.Lab.Configuration;
using HvLab.Harness.Reports.Json;
using HvLab.Reference.Models.Exploration;

namespace HvLab.Harness.Scheduling.Bench;

/// <summary>How fast states are visited: alone, on two cores, in how many bytes, and against Spin. Needs no box.</summary>
public sealed class ExplorationSpeed(HvLabPaths paths, HvLab.Harness.Lab.Configuration.Bounds bounds, TimeProvider clock)
{
    public const string Rate = "explore.states.per-second", BytesPerState = "explore.bytes-per-state", TwoCores = "explore.two-core.ratio", VsSpin = "explore.vs-spin.ratio";

    // What the target is set for, and what tests/Promela has an equivalent of.
    private const string Target = "ioreq-logdirty", Yardstick = "pv-mmu-queue";
    // Large enough that beginning and ending it, and waiting at each depth, do not count: 314,711 states.
    private static readonly Dictionary<string, int> TargetBounds = new() { ["pages"] = 5 };
    private static readonly TimeSpan Slice = TimeSpan.FromSeconds(1);
    private static readonly Dictionary<string, int> SpinBounds = new() { ["cpus"] = 2, ["pages"] = 2, ["updates"] = 3 };

    private readonly Samples _one = new(), _two = new(), _bytes = new(), _ours = new(), _spin = new();

    /// <param name="directory">Scratch for Spin's verifier.</param>
    /// <exception cref="LabException">A measurement failed; a missed target is none.</exception>
    public async Task<IReadOnlyList<BenchFigure>> MeasureAsync(string directory, int rounds, IProgress<string> progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(progress);
        var model = DesignModels.Named(Target);
        // The sound design with the most states: nothing is cut short there.
        var design = model.Designs.Where(one => one.IsSound).MaxBy(one => model.Explore(one, Reference.Models.Exploration.Bounds.Of(model.Bounds)).States)!;
        var yardstick = DesignModels.Named(Yardstick);
        var spin = new SpinYardstick(paths, bounds, clock, directory);
        progress.Report("compiling Spin's verifier");
        await spin.CompileAsync(SpinBounds, progress, cancellation);
        for (var round = 1; round <= rounds; round++)
        {
            _one.Add(RateOf(model, design, TargetBounds, 1, cancellation, _bytes));
            _two.Add(RateOf(model, design, TargetBounds, 2, cancellation));
            var (states, perSecond) = await spin.RunAsync(cancellation);
            _spin.Add(perSecond);
            _ours.Add(RateOf(yardstick, yardstick.DesignOf("shadow"), SpinBounds, 1, cancellation, expected: states));
            progress.Report(FormattableString.Invariant($"round {round} of {rounds}: {model.Name} {design.Name} {_one.Last:N0} states/s, {_two.Last:N0} on two cores; the yardstick's {states:N0} states at {_ours.Last:N0}/s, Spin {_spin.Last:N0}/s"));
        }
        return
        [
            _one.ToFigure(Rate, "1/s", ">= 500000"),
            _bytes.ToFigure(BytesPerState, "bytes", "<= 100"),
            Samples.Ratio(TwoCores, ">= 1.6", _two, _one),
            Samples.Ratio(VsSpin, null, _ours, _spin),
        ];
    }

    private double RateOf(
        DesignModel model, Design design, IReadOnlyDictionary<string, int>? given, int workers, CancellationToken cancellation, Samples? bytes = null, long? expected = null)
    {
        long states = 0;
        var searched = TimeSpan.Zero;
        do
        {
            var found = model.Explore(design, Reference.Models.Exploration.Bounds.Of(model.Bounds, given), new() { Workers = workers, Clock = clock, Cancellation = cancellation });
            if (expected is { } count && found.States != count)
                throw new LabException(LabFault.Build, $"Spin stored {count} states where {model.Name} {design.Name} has {found.States}: the two are not the same system, so their speeds cannot be compared.");
            states += found.States;
            searched += found.Searched;
            bytes?.Add((double)found.Bytes / found.States);
        }
        while (searched < Slice);
        return states / searched.TotalSeconds;
    }
}
