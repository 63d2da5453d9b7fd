using System.CommandLine;
using HvLab.Harness.Lab;

namespace HvLab.Harness.Cli.Commands;

/// <summary>'hvlab bench': how fast, against what target.</summary>
internal static class BenchCommand
{
    public static Command Create(Session session)
    {
        var command = new Command("bench", "Measures the harness against its targets and keeps the figures as bench.json.");
        command.WithExamples(("./hvlab bench", "all figures of the default box"));
        command.SetAction(int (parsed) =>
        {
            session.LoadLab(parsed.Settings());
            throw new LabException(LabFault.Build, "The benchmarks are not part of this build yet.");
        });
        return command;
    }
}
