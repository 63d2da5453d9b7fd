using System.CommandLine;
using System.Text.Json;
using HvLab.Harness.Cli.Terminal;
using HvLab.Harness.Lab;
using HvLab.Harness.Lab.Configuration;
using HvLab.Harness.Lab.Results;
using HvLab.Harness.Reports.Json;
using HvLab.Harness.Reports.Terminal;
using HvLab.Harness.Scheduling;

namespace HvLab.Harness.Cli.Commands;

/// <summary>'hvlab replay': one scenario of an earlier run again, with everything else as it was.</summary>
internal static class ReplayCommand
{
    public static Command Create(Session session)
    {
        var command = new Command("replay", "Runs one scenario of an earlier run again: same box, release, own build and seed. Or a scenario file.");
        var run = new Argument<string>("RUN") { Description = "A run: its id under runs/, its directory, or 'last'; or a scenario file (.json), as 'fuzz' writes them." };
        var scenario = new Argument<string?>("SCENARIO") { Description = "The scenario's id; '*' stands for anything. None with a scenario file.", Arity = ArgumentArity.ZeroOrOne };
        var json = new Option<bool>("--json") { Description = "Print results.json on standard output, and nothing else." };
        var keep = new Option<bool>("--keep") { Description = "Leave the box up afterwards." };
        command.Add(run);
        command.Add(scenario);
        command.Add(json);
        command.Add(keep);
        var check = new Option<bool>("--check") { Description = "Judge the recorded trace again by the model as it is now; no box is booted." };
        command.Add(check);
        var release = RunOptionSymbols.Text("--release", "NAME", "With a scenario file: what boots, instead of the release that it names.");
        var repeat = RunOptionSymbols.Number("--repeat", "With a scenario file: run it N times; the worst answer counts.", 1, RunOptionSymbols.MostRounds);
        command.Add(release);
        command.Add(repeat);
        command.WithExamples(
            ("./hvlab replay findings/fuzz-1-17.json", "a plan that './hvlab fuzz' found, wherever the file came from"),
            ("./hvlab replay last kvm-async-pf/ready-follows-not-present", "again, from the latest run"),
            ("./hvlab replay last '*' --check", "what the present model says of everything that was recorded"),
            ("./hvlab replay runs/20260102-030405 kvm-async-pf/ready-follows-not-present --keep", "and look around afterwards"));
        command.SetAction((parsed, cancellation) =>
        {
            if (parsed.GetValue(check) && (parsed.GetValue(json) || parsed.GetValue(keep)))
                throw RunRequests.Bad("--check runs nothing, so --json and --keep have no meaning with it; leave them out.");
            if (ScenarioFiles.IsOne(parsed.GetValue(run)!, session))
                return ScenarioFiles.ReplayAsync(parsed.GetValue(run)!, new()
                {
                    Release = parsed.GetValue(release), Repeat = parsed.GetValue(repeat), Json = parsed.GetValue(json), Keep = parsed.GetValue(keep), Set = parsed.Settings(),
                }, parsed.GetValue(scenario) is null && !parsed.GetValue(check), session, outcome => Tell(outcome.Result.Scenarios, session), cancellation);
            if (parsed.GetValue(scenario) is not { } chosen)
                throw RunRequests.Bad("SCENARIO: which one? './hvlab replay RUN SCENARIO'; '*' stands for anything.");
            var options = Recorded(parsed.GetValue(run)!, chosen, session) with
            {
                Json = parsed.GetValue(json),
                Keep = parsed.GetValue(keep),
                Out = null,
            };
            options = options with { Set = [.. options.Set, .. parsed.Settings()] };
            return parsed.GetValue(check)
                ? Task.FromResult(Check(FindDirectory(parsed.GetValue(run)!, session), options, session))
                : RunCommand.RunAsync(options, session, cancellation, outcome => Tell(outcome.Result.Scenarios, session));
        });
        return command;
    }

    /// <summary>Each step of what was done and seen.</summary>
    private static void Tell(IEnumerable<ScenarioResult> results, Session session)
    {
        foreach (var result in results)
            session.Output.WriteLine(DivergenceText.Render(result, int.MaxValue));
    }

    private static int Check(string directory, RunOptions options, Session session)
    {
        var request = RunRequests.From(options with { Kernel = null, Modules = null }, session);
        var run = RunDirectory.Load(directory);
        var chosen = run with { Scenarios = [.. run.Scenarios.Where(then => NamePattern.Matches(options.Filter!, then.Id))] };
        var results = Recordings.Of(chosen).Select(recording => Selection.WithDeviation(Recordings.Rejudge(recording), request)).ToArray();
        if (results.Length == 0)
            throw RunRequests.Bad($"SCENARIO {options.Filter}: the run in {directory} recorded no trace of it (it was skipped, or made by an older HvLab). Replay it without --check.");
        Tell(results, session);
        var judged = chosen with { Scenarios = results, Planned = results.Length, Trouble = null };
        session.Output.WriteLine($"Judged again, from the recording: {ResultTable.Totals(judged)}");
        return ExitCode.Of(judged);
    }

    private static RunOptions Recorded(string run, string scenario, Session session)
    {
        var file = Path.Combine(FindDirectory(run, session), "results.json");
        try
        {
            using var results = JsonDocument.Parse(File.ReadAllText(file));
            var ids = results.RootElement.GetProperty("scenarios").EnumerateArray().Select(s => s.GetProperty("id").GetString()!).ToArray();
            if (!ids.Any(id => NamePattern.Matches(scenario, id)))
                throw RunRequests.Bad($"SCENARIO {scenario}: the run in {file} has no such scenario; {Nearest.Hint(scenario, ids)}");
            var command = results.RootElement.GetProperty("command").EnumerateArray().Select(word => word.GetString()!).ToArray();
            if (command is not ["run", ..])
                throw RunRequests.Bad($"RUN {run}: it was made by './hvlab {command.FirstOrDefault()}'; replay a scenario file instead, such as those in its findings/.");
            return RunCommand.Parse(command, session) with
            {
                Filter = scenario,
                Seed = results.RootElement.GetProperty("seed").GetInt32(),
            };
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException or JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw RunRequests.Bad($"RUN {run}: {file} cannot be read as the results of a run ({unreadable.Message}).");
        }
    }

    private static string FindDirectory(string run, Session session)
    {
        var runs = Path.Combine(session.Paths.Repository, "runs");
        if (run == "last")
            // Ids sort by time.
            return (Directory.Exists(runs) ? Directory.GetDirectories(runs) : [])
                .Where(directory => File.Exists(Path.Combine(directory, "results.json")))
                .Max(StringComparer.Ordinal)
                ?? throw RunRequests.Bad($"RUN last: there is no run in {runs} yet; './hvlab run' makes one.");
        return new[] { Path.Combine(runs, run), Path.GetFullPath(run, session.Directory) }.FirstOrDefault(Directory.Exists)
            ?? throw RunRequests.Bad($"RUN {run}: there is no such directory in {runs} or {session.Directory}.");
    }
}
