using System.CommandLine;
using System.Globalization;
using HvLab.Harness.Cli.Terminal;
using HvLab.Harness.Lab;
using HvLab.Harness.Reports.Json;
using HvLab.Harness.Scheduling;
using HvLab.Harness.Scheduling.Bench;

namespace HvLab.Harness.Cli.Commands;

/// <summary>'hvlab bench': how fast, against what target.</summary>
internal static class BenchCommand
{
    private const string Suite = "kvm-async-pf", XenSuite = "xen";

    public static Command Create(Session session)
    {
        var rounds = new Option<int>("--rounds")
        {
            HelpName = "N",
            Description = "How often each thing is measured, side by side; the medians count.",
            DefaultValueFactory = _ => 5,
            CustomParser = result =>
            {
                if (int.TryParse(result.Tokens[0].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count is > 0 and <= 1000)
                    return count;
                result.AddError($"--rounds {result.Tokens[0].Value}: must be a whole number from 1 to 1000.");
                return 1;
            },
        };
        var json = new Option<bool>("--json") { Description = "Print bench.json on standard output, and nothing else." };
        var explorer = new Option<bool>("--explorer") { Description = "Only the figures of './hvlab explore': they need no box." };
        var fuzzing = new Option<bool>("--fuzz") { Description = "Only the figures of './hvlab fuzz'." };
        var directory = RunOptionSymbols.Text("--out", "DIR", "Where bench.json and the measured runs go; without it, a new directory under runs/.");
        var command = new Command("bench", "Measures the harness against its targets and keeps the figures as bench.json.") { rounds, json, directory, explorer, fuzzing };
        command.WithExamples(
            ("./hvlab bench", "all figures of the default box"),
            ("./hvlab bench --explorer", "how fast models are explored, against Spin; no box"),
            ("./hvlab bench --rounds 15 --json --out bench", "more rounds on a busy machine, for another program"));
        command.SetAction(async (parsed, cancellation) =>
        {
            var request = Request(parsed.GetValue(rounds), parsed.GetValue(directory), parsed.Settings(), session);
            var asJson = parsed.GetValue(json);
            await BenchAsync(request, parsed.GetValue(explorer), parsed.GetValue(fuzzing), asJson, session, cancellation);
            return ExitCode.Success;
        });
        return command;
    }

    private static BenchRequest Request(int rounds, string? directory, IReadOnlyList<string> set, Session session)
    {
        var run = RunRequests.From(new() { Suites = [Suite], Set = set }, session);
        var xen = RunRequests.From(new() { Suites = [XenSuite], Set = set }, session);
        var stamp = session.Clock.GetUtcNow().ToString("yyyyMMdd-HHmmss", CultureInfo.InvariantCulture);
        var target = directory is null
            ? Path.Combine(run.RunsDirectory, "bench", stamp)
            : Path.GetFullPath(directory, session.Directory);
        if (File.Exists(target))
            throw RunRequests.Bad($"--out {target}: this is a file; give a directory.");
        return new() { Run = run, Xen = Selection.HasAny(xen) ? xen : null, Rounds = rounds, Directory = target, Set = set };
    }

    private static async Task BenchAsync(BenchRequest request, bool explorer, bool fuzzing, bool json, Session session, CancellationToken cancellation)
    {
        var began = session.Clock.GetTimestamp();
        var output = json ? session.Error : session.Output;
        var progress = new Boxes.Told<string>(text => output.WriteLine(
            FormattableString.Invariant($"{session.Clock.GetElapsedTime(began).TotalSeconds,6:F1}s  {Reports.Text.VisibleText.Line(text, 500)}")));
        var bench = new SpeedBench(session.Clock);
        var result = explorer
            ? await bench.MeasureExplorationAsync(request, progress, cancellation)
            : fuzzing ? await bench.MeasureFuzzingAsync(request, progress, cancellation)
            : await bench.MeasureAsync(request, progress, cancellation);
        var file = Path.Combine(request.Directory, BenchFile.Name);
        if (json)
        {
            // The file itself, so that both can never differ.
            await session.Output.WriteLineAsync((await File.ReadAllTextAsync(file, CancellationToken.None)).TrimEnd());
            return;
        }
        session.Output.WriteLine();
        BenchTable.Print(result, session.Output);
        session.Output.WriteLine($"Figures: {file}");
    }
}
