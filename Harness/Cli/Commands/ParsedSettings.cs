using System.CommandLine;

namespace HvLab.Harness.Cli.Commands;

internal static class ParsedSettings
{
    /// <summary>Every --set of the line, in order.</summary>
    public static IReadOnlyList<string> Settings(this ParseResult parsed) => parsed.GetValue(CommandLine.SetOption) ?? [];
}
