using HvLab.Harness.Scheduling;
using Spectre.Console;

namespace HvLab.Harness.Cli.Terminal;

/// <summary>Shows a run while it goes on: drawn on a terminal, plain lines in logs, on standard error where output is JSON.</summary>
internal static class RunView
{
    public static Task<T> WatchAsync<T>(Session session, bool json, Func<IRunObserver, Task<T>> run)
    {
        if (json)
            return run(new PlainObserver(session.Error, session.Clock));
        return session.Interactive ? DrawAsync(session, run) : run(new PlainObserver(session.Output, session.Clock));
    }

    internal static IAnsiConsole Drawing(Session session) =>
        AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(session.Output) });

    private static Task<T> DrawAsync<T>(Session session, Func<IRunObserver, Task<T>> run)
    {
        var console = Drawing(session);
        return console.Progress()
            .AutoClear(true)
            .Columns(new SpinnerColumn(), new ProgressBarColumn(), new ElapsedTimeColumn(), new TaskDescriptionColumn { Alignment = Justify.Left })
            .StartAsync(context => run(new BarObserver(console, context.AddTask("starting", maxValue: 1))));
    }
}
