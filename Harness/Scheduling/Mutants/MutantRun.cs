using System.Threading.Channels;
using HvLab.Harness.Lab.Results;
using HvLab.Harness.Provisioning.Kernels;
using HvLab.Harness.Reports.Json;
using HvLab.Harness.Reports.Text;

namespace HvLab.Harness.Scheduling.Mutants;

/// <summary>Runs the suite on the unchanged hypervisor and on each mutant, every one cold in a box of its own, and says which were found.</summary>
public sealed class MutantRun(TimeProvider clock)
{
    private const int MaxNote = 400;

    /// <summary>
    /// Each run lies in DIRECTORY/MUTANT, the table in DIRECTORY/mutants.json, whole after each row. Where the control does not
    /// pass, the mutants are not run: what would be found on them would prove nothing.
    /// </summary>
    /// <param name="template">The run as it would be on the stock release; its own modules and directory are not looked at.</param>
    /// <param name="mutants">Without the control, which comes first in any case.</param>
    /// <param name="told">Hears each outcome when it is known.</param>
    /// <exception cref="Lab.LabException">Nothing can be built, or nothing can be written.</exception>
    public async Task<MutantOutcomes> RunAsync(
        RunRequest template, IReadOnlyList<Mutant> mutants, string directory, IRunObserver observer,
        IProgress<MutantOutcome> told, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(template);
        ArgumentNullException.ThrowIfNull(mutants);
        ArgumentNullException.ThrowIfNull(observer);
        ArgumentNullException.ThrowIfNull(told);
        Directory.CreateDirectory(directory);
        var table = new MutantOutcomes([]);
        MutantsFile.Write(directory, table);
        var builds = await new MutantWorkshop(template.Paths, template.Lab.Bounds, clock).OpenAsync(template.Release, observer, cancellation);

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var ready = Channel.CreateBounded<BuiltMutant>(1);
        var building = MutantWorkshop.BuildAllAsync(builds, mutants.Prepend(Mutant.Control), ready.Writer, stop.Token);
        try
        {
            await foreach (var built in ready.Reader.ReadAllAsync(cancellation))
            {
                var label = $"{table.Mutants.Count + 1}/{mutants.Count + 1} {built.Mutant.Name}";
                var outcome = await RunOneAsync(template, builds, built, directory, new(observer, label, clock), cancellation);
                cancellation.ThrowIfCancellationRequested();
                table = new([.. table.Mutants, outcome]);
                MutantsFile.Write(directory, table);
                told.Report(outcome);
                if (outcome is { IsControl: true, Found: not false })
                    break;
            }
        }
        finally
        {
            await stop.CancelAsync();
            await building;
        }
        return table;
    }

    private async Task<MutantOutcome> RunOneAsync(
        RunRequest template, IMutantBuilds builds, BuiltMutant built, string directory, MutantWatch watch, CancellationToken cancellation)
    {
        var (mutant, build, trouble) = built;
        if (build is null)
            return new() { Mutant = mutant.Name, Found = null, BuildMs = 0, Note = Short(trouble?.Message) };
        var run = await new SuiteRun(clock).RunAsync(template with
        {
            Release = builds.Boot(template.Release, build),
            Out = Path.Combine(directory, mutant.Name),
            First = mutant.Expect,
            FailFast = true,
            Repeat = 1,
            Keep = false,
            Started = watch.Started,
            Command = [.. template.Command, .. builds.Arguments(build)],
        }, watch, cancellation);
        var judgement = MutantJudgement.Of(run.Result);
        return new()
        {
            Mutant = mutant.Name,
            Found = judgement.Found,
            ByScenario = judgement.By?.Id,
            AfterMs = watch.After?.TotalMilliseconds,
            InBoxMs = watch.InBox?.TotalMilliseconds,
            BuildMs = build.Took.TotalMilliseconds,
            Note = Short(judgement.By is { } by ? Describe(by) : judgement.Why),
        };
    }

    private static string? Describe(ScenarioResult failure) => failure.Divergence is { } divergence
        ? $"step {divergence.Step}: {divergence.Operation} saw {divergence.Seen}"
        : failure.Detail;

    private static string? Short(string? text) => text is null ? null : VisibleText.Line(text, MaxNote);
}
