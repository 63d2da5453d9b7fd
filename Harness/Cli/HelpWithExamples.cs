using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.Runtime.CompilerServices;

namespace HvLab.Harness.Cli;

/// <summary>A command line to copy, and what it is for.</summary>
public sealed record Example(string Line, string Purpose);

internal static class Examples
{
    // Commands have no place for examples; they live as long as their command.
    private static readonly ConditionalWeakTable<Command, IReadOnlyList<Example>> Known = [];

    public static void WithExamples(this Command command, params (string Line, string Purpose)[] examples) =>
        Known.Add(command, [.. examples.Select(example => new Example(example.Line, example.Purpose))]);

    public static IReadOnlyList<Example> Of(Command command) => Known.TryGetValue(command, out var examples) ? examples : [];
}

/// <summary>The usual help, then examples and exit codes.</summary>
internal sealed class HelpWithExamples(HelpAction inner) : SynchronousCommandLineAction
{
    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        var code = inner.Invoke(parseResult);
        var output = parseResult.InvocationConfiguration.Output;
        var examples = Examples.Of(parseResult.CommandResult.Command);
        if (examples.Count > 0)
            output.WriteLine("Examples:");
        foreach (var example in examples)
            output.WriteLine($"  {example.Line}\n      {example.Purpose}");
        output.WriteLine();
        output.WriteLine("Exit codes (made for 'git bisect run'): 0 all good or known deviations; 1 the hypervisor failed;");
        output.WriteLine("  125 the lab could not tell; 2 bad usage or configuration; 130 interrupted and cleaned up.");
        return code;
    }
}
