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

    private enum BenchPart { All, Explorer, Fuzz, Xen }

    public static Command Create(Session session)
    {
        var rounds = RunOptionSymbols.Number("--rounds", "How often each thing is measured, side by side; the medians count.", 5, 1000);
        var json = new Option<bool>("--json") { Description = "Print bench.json on standard output, and nothing else." };
        var explorer = new Option<bool>("--explorer") { Description = "Only the figures of './hvlab explore': they need no box." };
        var fuzzing = new Option<bool>("--fuzz") { Description = "Only the figures of './hvlab fuzz'." };
        var xen = new Option<bool>("--xen") { Description = "Only the figures of Xen." };
        var directory = RunOptionSymbols.Text("--out", "DIR", "Where bench.json and the measured runs go; without it, a new directory under runs/.");
        var command = new Command("bench", "Measures the harness against its targets and keeps the figures as bench.json.") { rounds, json, directory, explorer, fuzzing, xen };
        command.WithExamples(
            ("./hvlab bench", "all figures of the default box"),
            ("./hvlab bench --explorer", "how fast models are explored, against Spin; no box"),
            ("./hvlab bench --xen", "only Xen's: a run against a bare boot of Xen and dom0, and domains a second"),
            ("./hvlab bench --rounds 15 --json --out bench", "more rounds on a busy machine, for another program"));
        command.SetAction(async (parsed, cancellation) =>
        {
            var request = Request(parsed.GetValue(rounds), parsed.GetValue(directory), parsed.Settings(), session);
            var asJson = parsed.GetValue(json);
            var part = parsed.GetValue(explorer) ? BenchPart.Explorer : parsed.GetValue(fuzzing) ? BenchPart.Fuzz : parsed.GetValue(xen) ? BenchPart.Xen : BenchPart.All;
            await BenchAsync(request, part, asJson, session, cancellation);
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

    private static async Task BenchAsync(BenchRequest request, BenchPart part, bool json, Session session, CancellationToken cancellation)
    {
        var began = session.Clock.GetTimestamp();
        var output = json ? session.Error : session.Output;
        var progress = new Boxes.Told<string>(text => output.WriteLine(
            FormattableString.Invariant($"{session.Clock.GetElapsedTime(began).TotalSeconds,6:F1}s  {Reports.Text.VisibleText.Line(text, 500)}")));
        var bench = new SpeedBench(session.Clock);
        var result = part switch
        {
            BenchPart.Explorer => await bench.MeasureExplorationAsync(request, progress, cancellation),
            BenchPart.Fuzz => await bench.MeasureFuzzingAsync(request, progress, cancellation),
            BenchPart.Xen => await bench.MeasureXenAsync(request, progress, cancellation),
            _ => await bench.MeasureAsync(request, progress, cancellation),
        };
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
