using System.CommandLine;
using HvLab.Harness.Cli.Terminal;
using HvLab.Harness.Scheduling;

namespace HvLab.Harness.Cli.Commands;

/// <summary>'hvlab run': from nothing to a report.</summary>
internal static class RunCommand
{
    public static Command Create(Session session)
    {
        var command = new Command("run",
            "Runs suites on a box and judges them: sets up what is missing, boots, drives, compares, reports.");
        var symbols = new RunOptionSymbols();
        symbols.AddTo(command);
        command.WithExamples(
            ("./hvlab run", "the default suites on the default box"),
            ("./hvlab run kvm-async-pf --filter '*ready*'", "one suite, some scenarios of it"),
            ("./hvlab run --kernel arch/x86/boot/bzImage --modules out/lib/modules", "your own kernel and modules"),
            ("./hvlab run xen --xen xen/xen.gz", "your own Xen; its version decides which libraries dom0 has"),
            ("git bisect run ./hvlab run --kernel arch/x86/boot/bzImage", "find the commit (after a build step of your own)"),
            ("./hvlab run --json --set bounds:scenario=60s", "results for another program, more patience"));
        command.SetAction((parsed, cancellation) => RunAsync(symbols.Read(parsed), session, cancellation));
        return command;
    }

    /// <summary>The options of a recorded or given 'run' line.</summary>
    public static RunOptions Parse(IReadOnlyList<string> arguments, Session session)
    {
        var root = CommandLine.Root(session);
        var command = new Command("run");
        var symbols = new RunOptionSymbols();
        symbols.AddTo(command);
        root.Subcommands.Clear();
        root.Add(command);
        return symbols.Read(root.Parse(arguments));
    }

    /// <param name="before">Shown before the table; not with --json.</param>
    /// <param name="change">What the options cannot say.</param>
    public static async Task<int> RunAsync(
        RunOptions options, Session session, CancellationToken cancellation, Action<RunOutcome>? before = null, Func<RunRequest, RunRequest>? change = null)
    {
        var request = RunRequests.From(options, session);
        request = change?.Invoke(request) ?? request;
        var outcome = await RunView.WatchAsync(session, options.Json,
            observer => new SuiteRun(session.Clock).RunAsync(request, observer, cancellation));
        if (options.Json)
            await PrintJsonAsync(outcome, session);
        else
        {
            before?.Invoke(outcome);
            ResultTable.Print(outcome, session);
        }
        return cancellation.IsCancellationRequested ? ExitCode.Interrupted : ExitCode.Of(outcome.Result);
    }

    // The file itself, so that both can never differ.
    private static async Task PrintJsonAsync(RunOutcome outcome, Session session)
    {
        var json = await File.ReadAllTextAsync(Path.Combine(outcome.Directory, "results.json"), CancellationToken.None);
        await session.Output.WriteLineAsync(json.TrimEnd());
    }
}
