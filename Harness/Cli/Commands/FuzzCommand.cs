using System.CommandLine;
using System.Globalization;
using System.Text;
using HvLab.Harness.Cli.Terminal;
using HvLab.Harness.Lab.Configuration;
using HvLab.Harness.Reports.Json;
using HvLab.Harness.Scenarios;
using HvLab.Harness.Scenarios.Fuzz;
using HvLab.Harness.Scheduling.Fuzz;

namespace HvLab.Harness.Cli.Commands;

/// <summary>'hvlab fuzz': plans that nobody wrote by hand, on the real machine.</summary>
internal static class FuzzCommand
{
    private const int MaxOperations = 1000, MaxPlans = 10_000_000;

    public static Command Create(Session session)
    {
        var suite = new Argument<string>("SUITE") { Description = "A suite of one subsystem: its model makes the plans and judges them." };
        var seed = new Option<ulong>("--seed") { HelpName = "N", Description = "The same seed gives the same plans.", DefaultValueFactory = _ => 1 };
        var lasts = new Option<TimeSpan>("--for")
        {
            HelpName = "TIME",
            Description = "How long the box runs plans: 90s, 10m, 8h.",
            DefaultValueFactory = _ => TimeSpan.FromMinutes(1),
            CustomParser = result =>
            {
                if (DurationText.TryParse(result.Tokens[0].Value, out var time))
                    return time;
                result.AddError($"--for {result.Tokens[0].Value}: must be a duration such as 90s, 10m or 8h.");
                return default;
            },
        };
        var plans = RunOptionSymbols.Number("--plans", "Ends after so many plans.", int.MaxValue, MaxPlans);
        var operations = RunOptionSymbols.Number("--operations", "Operations of a plan.", 20, MaxOperations);
        var box = RunOptionSymbols.Text("--box", "NAME", "The box to run on.");
        var release = RunOptionSymbols.Text("--release", "NAME", "What boots on it.");
        var kernel = RunOptionSymbols.Text("--kernel", "BZIMAGE", "Your own kernel in place of the release's; with --xen, dom0's.");
        var modules = RunOptionSymbols.Text("--modules", "DIR", "Your own modules: any directory with .ko files below it.");
        var xen = RunOptionSymbols.Text("--xen", "XENGZ", "Your own hypervisor.");
        var directory = RunOptionSymbols.Text("--out", "DIR", "The run directory; without it, a new one under runs/.");
        var json = new Option<bool>("--json") { Description = "Print fuzz.json on standard output, and nothing else." };
        var command = new Command("fuzz", "Runs random plans on a box and judges them by the model; what diverges is confirmed, made small, and kept as a scenario file.")
        {
            suite, seed, lasts, plans, operations, box, release, kernel, modules, xen, directory, json,
        };
        command.WithExamples(
            ("./hvlab fuzz kvm-async-pf --for 10m", "ten minutes of random plans"),
            ("./hvlab fuzz kvm-async-pf --seed 7 --plans 200 --operations 40", "these plans and no others"),
            ("./hvlab fuzz kvm-async-pf --kernel arch/x86/boot/bzImage --modules out/lib/modules", "your own build"),
            ("./hvlab replay runs/RUN/findings/fuzz-7-31.json", "what was found, once more"));
        command.SetAction((parsed, cancellation) =>
        {
            var options = new RunOptions
            {
                Suites = [parsed.GetValue(suite)!], Box = parsed.GetValue(box), Release = parsed.GetValue(release), Kernel = parsed.GetValue(kernel),
                Modules = parsed.GetValue(modules), Xen = parsed.GetValue(xen), Out = parsed.GetValue(directory), Set = parsed.Settings(),
            };
            return FuzzAsync(options, parsed.GetValue(seed), parsed.GetValue(lasts), parsed.GetValue(plans), parsed.GetValue(operations), parsed.GetValue(json), session, cancellation);
        });
        return command;
    }

    private static async Task<int> FuzzAsync(
        RunOptions options, ulong seed, TimeSpan lasts, int plans, int operations, bool json, Session session, CancellationToken cancellation)
    {
        var run = RunRequests.From(options, session);
        string[] command =
        [
            "fuzz", .. options.ToArguments().Skip(1).TakeWhile(word => word != "--seed"), "--seed", seed.ToString(CultureInfo.InvariantCulture),
            "--operations", operations.ToString(CultureInfo.InvariantCulture), .. options.Set.SelectMany(setting => (string[])["--set", setting]),
        ];
        var request = new FuzzRequest
        {
            Run = run with { Command = command, Seed = unchecked((int)seed) }, Target = TargetOf(run.Suites[0]), Seed = seed, For = lasts, MaxPlans = plans, Operations = operations,
        };
        var result = await RunView.WatchAsync(session, json, observer => new FuzzRun(session.Clock).RunAsync(request, observer, cancellation));
        if (json)
            session.Output.WriteLine(Encoding.UTF8.GetString(FuzzFile.ToJson(result.Document)));
        else
            FuzzText.Print(result, session);
        return cancellation.IsCancellationRequested ? ExitCode.Interrupted : ExitCode.Of(result.Document);
    }

    private static IFuzzTarget TargetOf(Suite suite)
    {
        var subsystems = Catalog.All.Where(scenario => suite.Scenarios.Any(pattern => NamePattern.Matches(pattern, scenario.Id)))
            .Select(scenario => scenario.Subsystem).Distinct().ToArray();
        return subsystems.Length == 1 && FuzzTargets.Of(subsystems[0]) is { } target ? target : throw RunRequests.Bad(
            $"SUITE {suite.Name}: random plans are of one subsystem, and this suite is of {(subsystems.Length == 0 ? "none" : string.Join(" and ", subsystems))}; "
            + $"name one of {string.Join(", ", FuzzTargets.All.Select(known => known.Subsystem))}.");
    }
}
