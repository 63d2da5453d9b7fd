using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using HvLab.Harness.Cli.Commands;
using HvLab.Harness.Lab.Configuration;

namespace HvLab.Harness.Cli;

/// <summary>The whole command line: composition of the commands, errors and exit codes.</summary>
public static class CommandLine
{
    /// <summary>Runs one command line to its exit code; never throws.</summary>
    public static async Task<int> InvokeAsync(IReadOnlyList<string> arguments, Session session, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        ArgumentNullException.ThrowIfNull(session);
        try
        {
            var parsed = Root(session).Parse(arguments);
            return parsed.Action is ParseErrorAction ? Reject(parsed, session) : await InvokeAsync(parsed, session, cancellation);
        }
        catch (Exception failure)
        {
            return Failures.Report(failure, session, cancellation);
        }
    }

    /// <summary>Every command with its options; a tree of its own for each session.</summary>
    public static RootCommand Root(Session session)
    {
        var root = new RootCommand("Tests real KVM and Xen in throw-away boxes against executable models.")
        {
            SetOption,
            Commands.RunCommand.Create(session),
            ListCommand.Create(session),
            BoxCommand.Create(session),
            ReplayCommand.Create(session),
            DoctorCommand.Create(session),
            MutantsCommand.Create(session),
            FuzzCommand.Create(session),
            ExploreCommand.Create(session),
            BenchCommand.Create(session),
        };
        foreach (var option in root.Options)
            if (option is HelpOption { Action: HelpAction help })
                option.Action = new HelpWithExamples(help);
        root.WithExamples(
            ("./hvlab run", "everything by default: set up, boot, drive, judge, report"),
            ("./hvlab run kvm-async-pf --kernel arch/x86/boot/bzImage --modules out/lib/modules", "your own build"),
            ("./hvlab doctor", "what this machine can do, and what is missing"));
        root.SetAction(parsed =>
        {
            root.Parse(["--help"]).Invoke(Configuration(session));
            return ExitCode.Usage;
        });
        return root;
    }

    /// <summary>--set, wherever it stands on the line.</summary>
    internal static Option<string[]> SetOption { get; } = new("--set")
    {
        Description = "Overrides one value of lab-config: PATH=VALUE, as often as needed.",
        HelpName = "PATH=VALUE",
        Recursive = true,
        DefaultValueFactory = _ => [],
    };

    private static Task<int> InvokeAsync(ParseResult parsed, Session session, CancellationToken cancellation) =>
        parsed.InvokeAsync(Configuration(session), cancellation);

    // Signals and exceptions are this program's own business: Interrupts and Failures.
    private static InvocationConfiguration Configuration(Session session) => new()
    {
        EnableDefaultExceptionHandler = false,
        ProcessTerminationTimeout = null,
        Output = session.Output,
        Error = session.Error,
    };

    private static int Reject(ParseResult parsed, Session session)
    {
        var commands = parsed.CommandResult.Command.Subcommands.Select(command => command.Name).ToArray();
        if (commands.Length > 0 && parsed.UnmatchedTokens.Count > 0)
            session.Error.WriteLine($"hvlab: '{parsed.UnmatchedTokens[0]}' is not a command; {Nearest.Hint(parsed.UnmatchedTokens[0], commands)}");
        else
            foreach (var error in parsed.Errors)
                session.Error.WriteLine($"hvlab: {error.Message}");
        var path = new List<string>();
        for (SymbolResult? at = parsed.CommandResult; at is CommandResult { Parent: not null } command; at = at.Parent)
            path.Insert(0, command.Command.Name);
        session.Error.WriteLine($"See './hvlab {string.Concat(path.Select(name => name + " "))}--help'.");
        return ExitCode.Usage;
    }
}
