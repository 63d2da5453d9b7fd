using HvLab.Harness.Lab;
using HvLab.Harness.Lab.Results;
using HvLab.Harness.Provisioning.Cache;
using HvLab.Harness.Reports;
using HvLab.Harness.Reports.Json;
using HvLab.Harness.Scenarios.Fuzz;
using HvLab.Reference.Models.Fuzz;

namespace HvLab.Harness.Scheduling.Fuzz;

/// <summary>A finished campaign and where it lies.</summary>
public sealed record FuzzResult(FuzzDocument Document, RunResult Run, string Directory);

/// <summary>Runs a campaign of random plans on a box. Each finding is on disk, as scenario file and in the report, when it is complete.</summary>
public sealed class FuzzRun(TimeProvider clock)
{
    /// <summary>Of the exploration that coverage is compared with.</summary>
    private const int MaxStates = 150_000;
    private const int MaxMissing = 100;

    private readonly List<FuzzFinding> _found = [];
    private CampaignProgress? _last;
    private FuzzBox? _box;

    public async Task<FuzzResult> RunAsync(FuzzRequest request, IRunObserver observer, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(observer);
        var run = request.Run;
        using var directory = RunDirectory.Create(
            new(run.Command, run.Seed, ["fuzz", .. run.Suites.Select(suite => suite.Name)], 0), run.RunsDirectory, clock, run.Out);
        Directory.CreateDirectory(Path.Combine(directory.Path, FuzzFile.Findings));
        var phases = new Phases(directory, observer, clock, run.Started);
        FuzzOutcome? outcome = null;
        try
        {
            await DiskSpace.GuardAsync(run.Paths.Cache, async () => outcome = await DriveAsync(request, directory, phases, observer, cancellation));
        }
        catch (LabException trouble) when (trouble.Reason != LabFault.Configuration)
        {
            directory.TroubleIs(trouble.Message, trouble.Evidence);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            observer.Note("Interrupted; what was found until then is kept.");
        }
        phases.Begin("report");
        var document = Describe(request, outcome, directory.Current.Trouble, cancellation.IsCancellationRequested);
        FuzzFile.Write(Path.Combine(directory.Path, FuzzFile.Name), document);
        RunReports.Write(directory.Path, directory.Current with { Finished = clock.GetUtcNow() });
        phases.End();
        return new(document, directory.Finish(), directory.Path);
    }

    private Task<FuzzOutcome> DriveAsync(FuzzRequest request, RunDirectory directory, Phases phases, IRunObserver observer, CancellationToken cancellation) =>
        FuzzHost.UseAsync(request.Run, request.Target.Needs, directory, phases, observer, clock, box =>
        {
            _box = box;
            return request.Target.RunAsync(OptionsOf(request), box, MaxStates, progress =>
            {
                _last = progress;
                observer.Phase(Tell(progress, box));
            }, finding => Keep(request, finding, directory, observer), cancellation);
        }, cancellation);

    private CampaignOptions OptionsOf(FuzzRequest request) => new()
    {
        Seed = request.Seed, Operations = request.Operations, For = request.For, MaxPlans = request.MaxPlans, KnownQuirks = request.KnownQuirks, Clock = clock,
    };

    private void Keep(FuzzRequest request, FuzzFinding finding, RunDirectory directory, IRunObserver observer)
    {
        _found.Add(finding);
        var result = Judge(finding);
        FuzzFile.Write(Path.Combine(directory.Path, FileOf(finding)), ScenarioFileOf(request, finding, result));
        directory.PlannedAre(_found.Count);
        SuiteRun.Record(result, directory, observer);
        observer.Note($"found: {finding.Signature}; {finding.Rate}; {finding.Scenario.Steps} operations, of {finding.FirstLength}");
    }

    /// <summary>The finding as any scenario's result: report and JUnit show it the same way.</summary>
    private static ScenarioResult Judge(FuzzFinding finding)
    {
        var scenario = finding.Scenario;
        var result = Verdicts.Judge(new(scenario, scenario.Plan(), finding.Answer.Events,
            TimeSpan.FromMicroseconds(finding.Answer.Events.Sum(seen => seen.TookMicros)), finding.Answer.Stop?.Detail));
        var often = $"{finding.Signature}. {finding.Rate}; plan {finding.FoundBy} of its seed.";
        if (finding.Answer.Stop is { } stop)
            return result with { Verdict = stop.IsHost ? Verdict.Failure : Verdict.Error, Divergence = null, Detail = $"{often}\n{stop.Kind}\n{stop.Detail}" };
        return finding.Rate.Regularity == Regularity.NeverAgain ? result with { Verdict = Verdict.Error, Detail = often } : result with { Detail = often };
    }

    private static ScenarioFileDocument ScenarioFileOf(FuzzRequest request, FuzzFinding finding, ScenarioResult result) => new(
        ScenarioFileDocument.CurrentFormat, NameOf(finding), finding.Scenario.Subsystem, finding.Scenario.Claim, request.Run.Release.Name,
        $"./hvlab {string.Join(' ', request.Run.Command)}; plan {finding.FoundBy}", $"{finding.Rate}",
        [.. result.Trace.Select((step, index) => $"{index + 1}. {step.Operation}: {step.Seen}")],
        result.Divergence?.Allowed ?? [], result.Divergence?.Rules ?? [], finding.Answer.Stop?.Detail, finding.Scenario.Plan());

    private FuzzDocument Describe(FuzzRequest request, FuzzOutcome? outcome, string? trouble, bool interrupted) => new(
        request.Target.Subsystem, request.Run.Release.Name, request.Seed, request.Operations,
        outcome?.Plans ?? _last?.Plans ?? 0, outcome?.Operations ?? _last?.Operations ?? 0, (outcome?.Elapsed ?? _last?.Elapsed ?? TimeSpan.Zero).TotalSeconds,
        _box is { RanInside: > 0 } box ? box.RanInside / box.InsideBox.TotalSeconds : 0, interrupted || outcome is { Interrupted: true }, trouble,
        [.. (outcome?.Findings ?? _found).Select(Describe)], outcome?.Known ?? new Dictionary<string, int>(),
        outcome?.Coverage is { } covered
            ? new(covered.Visited, covered.Explored, covered.Beyond, covered.States, covered.Complete, covered.Bounds,
                [.. covered.Missing.Take(MaxMissing).Select(step => $"{step.Operation} sees {step.Seen} where {step.From}")])
            : null,
        [.. (outcome?.Slowest ?? []).Select(slow => new FuzzTimeDocument(slow.Operation, slow.Seen, slow.Count, slow.Took.TotalSeconds))]);

    private static FuzzFindingDocument Describe(FuzzFinding finding) => new(
        NameOf(finding), FileOf(finding), finding.Signature.Operation, finding.Signature.Seen, finding.Signature.Shape,
        finding.Rate.Regularity switch { Regularity.Always => "always", Regularity.Sometimes => "sometimes", _ => "never-again" },
        finding.Rate.Times, finding.Rate.Runs, finding.IsOfTheMachine, finding.Scenario.Steps, finding.FirstLength, finding.FoundBy, finding.Plans,
        finding.IsMinimal, finding.ShrinkTook.TotalSeconds, finding.ShrinkRuns);

    private static string NameOf(FuzzFinding finding) => finding.Scenario.Id[(finding.Scenario.Id.IndexOf('/', StringComparison.Ordinal) + 1)..];
    private static string FileOf(FuzzFinding finding) => Path.Combine(FuzzFile.Findings, $"{RunNames.FileName(NameOf(finding))}.json");

    private static string Tell(CampaignProgress now, FuzzBox box) => FormattableString.Invariant(
        $"{now.Plans} plans, {(box.RanInside > 0 ? box.RanInside / box.InsideBox.TotalSeconds : 0):0} a second in the box; {now.AbstractSteps} abstract steps; {now.Findings} found, {now.KnownDeviations} known; {now.Doing}");
}
