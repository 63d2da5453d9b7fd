using System.CommandLine;
using System.Text.Json;

namespace HvLab.Harness.Cli.Commands;

/// <summary>'hvlab replay': one scenario of an earlier run again, with everything else as it was.</summary>
internal static class ReplayCommand
{
    public static Command Create(Session session)
    {
        var command = new Command("replay", "Runs one scenario of an earlier run again: same box, release, own build and seed.");
        var run = new Argument<string>("RUN") { Description = "A run: its id under runs/, its directory, or 'last'." };
        var scenario = new Argument<string>("SCENARIO") { Description = "The scenario's id." };
        var json = new Option<bool>("--json") { Description = "Print results.json on standard output, and nothing else." };
        var keep = new Option<bool>("--keep") { Description = "Leave the box up afterwards." };
        command.Add(run);
        command.Add(scenario);
        command.Add(json);
        command.Add(keep);
        command.WithExamples(
            ("./hvlab replay last kvm-async-pf/ready-follows-not-present", "again, from the latest run"),
            ("./hvlab replay runs/20260102-030405 kvm-async-pf/ready-follows-not-present --keep", "and look around afterwards"));
        command.SetAction((parsed, cancellation) =>
        {
            var options = Recorded(parsed.GetValue(run)!, parsed.GetValue(scenario)!, session) with
            {
                Json = parsed.GetValue(json),
                Keep = parsed.GetValue(keep),
                Out = null,
            };
            return RunCommand.RunAsync(options with { Set = [.. options.Set, .. parsed.Settings()] }, session, cancellation);
        });
        return command;
    }

    private static RunOptions Recorded(string run, string scenario, Session session)
    {
        var file = Path.Combine(FindDirectory(run, session), "results.json");
        try
        {
            using var results = JsonDocument.Parse(File.ReadAllText(file));
            var ids = results.RootElement.GetProperty("scenarios").EnumerateArray().Select(s => s.GetProperty("id").GetString()!).ToArray();
            if (!ids.Contains(scenario))
                throw RunRequests.Bad($"SCENARIO {scenario}: the run in {file} has no such scenario; {Lab.Configuration.Nearest.Hint(scenario, ids)}");
            var command = results.RootElement.GetProperty("command").EnumerateArray().Select(word => word.GetString()!).ToArray();
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
