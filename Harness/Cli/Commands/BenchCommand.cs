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

    private static readonly (BenchParts Part, string Name, string Help)[] s_parts =
    [
        (BenchParts.Kvm, "--kvm", "The figures of KVM's suite."),
        (BenchParts.Fuzz, "--fuzz", "The figures of './hvlab fuzz'."),
        (BenchParts.Xen, "--xen", "The figures of Xen's suite."),
        (BenchParts.Explorer, "--explorer", "The figures of './hvlab explore': they need no box."),
    ];

    public static Command Create(Session session)
    {
        var rounds = RunOptionSymbols.Number("--rounds", "How often each thing is measured, side by side; the medians count.", 5, 1000);
        var json = new Option<bool>("--json") { Description = "Print bench.json on standard output, and nothing else." };
        var parts = s_parts.ToDictionary(one => one.Part, one => new Option<bool>(one.Name) { Description = one.Help });
        var directory = RunOptionSymbols.Text("--out", "DIR", "Where bench.json and the measured runs go; without it, a new directory under runs/.");
        var command = new Command("bench", "Measures the harness against its targets and keeps the figures as bench.json: all of them, or the parts that are named.") { rounds, json, directory };
        foreach (var option in parts.Values)
            command.Add(option);
        command.WithExamples(
            ("./hvlab bench", "all figures of the default box"),
            ("./hvlab bench --explorer", "how fast models are explored, against Spin; no box"),
            ("./hvlab bench --kvm --xen", "only the suites: a run against a bare boot of the same host"),
            ("./hvlab bench --xen", "only Xen's: a run against a bare boot of Xen and dom0, and domains a second"),
            ("./hvlab bench --rounds 15 --json --out bench", "more rounds on a busy machine, for another program"));
        command.SetAction(async (parsed, cancellation) =>
        {
            var named = parts.Where(one => parsed.GetValue(one.Value)).Aggregate((BenchParts)0, (all, one) => all | one.Key);
            var request = Request(named == 0 ? BenchParts.All : named, parsed.GetValue(rounds), parsed.GetValue(directory), parsed.Settings(), session);
            var asJson = parsed.GetValue(json);
            await BenchAsync(request, asJson, session, cancellation);
            return ExitCode.Success;
        });
        return command;
    }

    private static BenchRequest Request(BenchParts parts, int rounds, string? directory, IReadOnlyList<string> set, Session session)
    {
        var run = RunRequests.From(new() { Suites = [Suite], Set = set }, session);
        var xen = RunRequests.From(new() { Suites = [XenSuite], Set = set }, session);
        var stamp = session.Clock.GetUtcNow().ToString("yyyyMMdd-HHmmss", CultureInfo.InvariantCulture);
        var target = directory is null
            ? Path.Combine(run.RunsDirectory, "bench", stamp)
            : Path.GetFullPath(directory, session.Directory);
        if (File.Exists(target))
            throw RunRequests.Bad($"--out {target}: this is a file; give a directory.");
        return new() { Parts = parts, Run = run, Xen = Selection.HasAny(xen) ? xen : null, Rounds = rounds, Directory = target, Set = set };
    }

    private static async Task BenchAsync(BenchRequest request, bool json, Session session, CancellationToken cancellation)
    {
        var began = session.Clock.GetTimestamp();
        var output = json ? session.Error : session.Output;
        var progress = new Boxes.Told<string>(text => output.WriteLine(
            FormattableString.Invariant($"{session.Clock.GetElapsedTime(began).TotalSeconds,6:F1}s  {Reports.Text.VisibleText.Line(text, 500)}")));
        var result = await new SpeedBench(session.Clock).MeasureAsync(request, progress, cancellation);
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
