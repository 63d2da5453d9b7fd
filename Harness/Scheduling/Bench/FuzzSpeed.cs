using HvLab.Harness.Lab;
using HvLab.Harness.Reports.Json;
using HvLab.Harness.Scenarios;
using HvLab.Harness.Scenarios.Fuzz;
using HvLab.Harness.Scheduling.Fuzz;

namespace HvLab.Harness.Scheduling.Bench;

/// <summary>How many random plans a box runs a second, and how long it takes to make one small.</summary>
internal sealed class FuzzSpeed(TimeProvider clock)
{
    public const string KvmPlans = "kvm.plans.per-second", XenPlans = "xen.plans.per-second", Shrink = "shrink.s";
    private const int Operations = 20, ShrunkOperations = 40, KvmBatch = 200, XenBatch = 20;
    /// <summary>Diverges on every release so far, whatever is done before: made small again, it is these operations.</summary>
    private const string Known = "kvm-async-pf/area-outside-ram";
    private const string XenSubsystem = "xen-ioreq";

    public async Task<IReadOnlyList<BenchFigure>> MeasureAsync(
        RunRequest kvm, RunRequest? xen, int rounds, string directory, IProgress<string> progress, CancellationToken cancellation)
    {
        var figures = new List<BenchFigure>(await MeasureAsync(kvm, "kvm-async-pf", KvmPlans, ">= 50", KvmBatch, Known, rounds, directory, progress, cancellation));
        if (xen is not null)
            figures.AddRange(await MeasureAsync(xen, XenSubsystem, XenPlans, ">= 5", XenBatch, null, rounds, directory, progress, cancellation));
        return figures;
    }

    private async Task<IReadOnlyList<BenchFigure>> MeasureAsync(
        RunRequest run, string subsystem, string name, string goal, int batch, string? known, int rounds, string directory, IProgress<string> progress, CancellationToken cancellation)
    {
        var target = FuzzTargets.Of(subsystem) ?? throw new InvalidOperationException($"There is no fuzzing of {subsystem}.");
        var (rate, shrinking) = (new Samples(), new Samples());
        using var kept = RunDirectory.Create(new(run.Command, run.Seed, ["bench", subsystem], 0), directory, clock, Path.Combine(directory, subsystem));
        var observer = new Quiet(progress);
        await FuzzHost.UseAsync(run, target.Needs, kept, new Phases(kept, observer, clock, clock.GetTimestamp()), observer, clock, async box =>
        {
            for (var round = 1; round <= rounds; round++)
            {
                var (before, ran) = (box.InsideBox, box.RanInside);
                await box.RunAsync(target.Plans((ulong)round, Operations, batch), cancellation);
                if (box.RanInside == ran)
                    throw new LabException(LabFault.Probe, $"{batch} random plans of {subsystem} did not run through in one exchange, so their speed means nothing. './hvlab fuzz {subsystem} --seed {round}' shows what stops them.");
                rate.Add((box.RanInside - ran) / (box.InsideBox - before).TotalSeconds);
                progress.Report(FormattableString.Invariant($"{subsystem}, round {round} of {rounds}: {rate.Last:0.0} plans a second"));
                if (known is not null)
                    shrinking.Add(await ShrinkAsync(target, known, (ulong)round, box, progress, cancellation));
            }
            return true;
        }, cancellation);
        kept.Finish();
        return known is null ? [rate.ToFigure(name, "1/s", goal)] : [rate.ToFigure(name, "1/s", goal), shrinking.ToFigure(Shrink, "s", "< 60")];
    }

    private async Task<double> ShrinkAsync(IFuzzTarget target, string known, ulong seed, FuzzBox box, IProgress<string> progress, CancellationToken cancellation)
    {
        var scenario = Catalog.All.Single(one => one.Id == known);
        var finding = await target.ShrinkAsync(scenario, ShrunkOperations, new() { Seed = seed, Clock = clock }, box, cancellation)
            ?? throw new LabException(LabFault.Build, $"{known} did not diverge behind random operations, so there is nothing to make small. Is it fixed in this release? './hvlab run --filter {known}' tells.");
        progress.Report(FormattableString.Invariant(
            $"shrunk {finding.FirstLength} operations to {finding.Scenario.Steps} in {finding.ShrinkTook.TotalSeconds:0.0} s, {finding.ShrinkRuns} plans in {finding.ShrinkRounds} batches{(finding.IsMinimal ? "" : ": not minimal")}"));
        return finding.ShrinkTook.TotalSeconds;
    }

    private sealed class Quiet(IProgress<string> progress) : IRunObserver
    {
        public void Phase(string text) { }
        public void HostReady(HostFacts facts) { }
        public void ScenarioStarted(string id, int index, int total) { }
        public void ScenarioFinished(Lab.Results.ScenarioResult result) { }
        public void Note(string text) => progress.Report(text);
    }
}
