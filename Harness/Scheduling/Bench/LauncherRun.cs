using HvLab.Harness.Drivers.Processes;
using HvLab.Harness.Lab;
using HvLab.Harness.Lab.Results;
using HvLab.Harness.Reports.Json;

namespace HvLab.Harness.Scheduling.Bench;

/// <summary>One run of the real command, as its user waits for it.</summary>
/// <param name="Wall">From the start of the launcher's process to its end: the report is written before that.</param>
public sealed record MeasuredRun(TimeSpan Wall, RunResult Result, string Directory, int ExitCode)
{
    /// <summary>
    /// From the command to the first verdict, an upper bound: the run's own mark counts from its process's first instruction,
    /// and everything around that (launcher, runtime, exit) is added in full.
    /// </summary>
    public TimeSpan FirstVerdict => At("first verdict") + (Wall - End);

    public int Judged => Result.Scenarios.Count(scenario => scenario.Verdict is Verdict.Success or Verdict.Failure);

    /// <summary>Scenarios a second from the plan's first byte to the last answer, inside a box that runs already.</summary>
    public double ScenariosPerSecond => Judged / Result.Phases.Where(phase => phase.Phase == "scenarios").Sum(phase => phase.TookMs) * 1000;

    private TimeSpan End => TimeSpan.FromMilliseconds(Result.Phases.Max(phase => phase.AtMs + phase.TookMs));

    private TimeSpan At(string moment) => TimeSpan.FromMilliseconds(Result.Phases.FirstOrDefault(phase => phase.Phase == moment)?.AtMs
        ?? throw new LabException(LabFault.Build, $"The run in {Directory} has no mark '{moment}': it reached no verdict, so its speed means nothing. Look at its report."));
}

/// <summary>Starts './hvlab run' as a child process: launcher, runtime and all.</summary>
internal sealed class LauncherRun(HvLabPaths paths, TimeProvider clock)
{
    /// <param name="set">--set of the command line.</param>
    public static IReadOnlyList<string> Arguments(RunRequest run, IReadOnlyList<string> set) =>
    [
        .. run.Suites.Select(suite => suite.Name), "--box", run.Box.Name, "--release", run.Release.Name,
        .. set.SelectMany(setting => (string[])["--set", setting]),
    ];

    /// <param name="directory">The run directory.</param>
    /// <exception cref="LabException">The run did not judge every scenario; what it said is the evidence.</exception>
    public async Task<MeasuredRun> MeasureAsync(IReadOnlyList<string> arguments, string directory, CancellationToken cancellation)
    {
        var launcher = Path.Combine(paths.Repository, "hvlab");
        var begun = clock.GetTimestamp();
        var ended = await Command.RunAsync(launcher, ["run", .. arguments, "--out", directory], cancellation);
        var wall = clock.GetElapsedTime(begun);
        // A Failure took as long to find as a Success; what it means is the run's business.
        if (ended.ExitCode is not (0 or 1))
            throw new LabException(LabFault.Build,
                $"'./hvlab run {string.Join(' ', arguments)}' ended with exit code {ended.ExitCode}, so its speed means nothing. Its words are below, its report is in {directory}.",
                $"{ended.Output}\n{ended.Error}");
        return new(wall, RunDirectory.Load(directory), directory, ended.ExitCode);
    }
}
