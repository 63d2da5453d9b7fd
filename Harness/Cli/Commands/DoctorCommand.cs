using System.CommandLine;
using HvLab.Harness.Cli.Doctor;
using HvLab.Harness.Cli.Terminal;
using HvLab.Harness.Reports.Text;

namespace HvLab.Harness.Cli.Commands;

/// <summary>'hvlab doctor': what this machine can do, and what is missing. Changes nothing.</summary>
internal static class DoctorCommand
{
    public static Command Create(Session session)
    {
        var command = new Command("doctor",
            "Shows what this machine can do and what is missing; changes nothing.");
        command.WithExamples(("./hvlab doctor", "look before the first run"));
        command.SetAction(async (_, cancellation) =>
            Print([.. MachineFindings.Of(session), .. await CacheFindings.OfAsync(session, cancellation),
                .. await ProgramFindings.OfAsync(session, cancellation)], session.Output));
        return command;
    }

    internal static int Print(IReadOnlyList<DoctorFinding> findings, TextWriter output)
    {
        foreach (var section in findings.GroupBy(finding => finding.Section))
        {
            output.WriteLine(section.Key);
            foreach (var finding in section)
            {
                output.WriteLine($"  {(finding.ToDo is null ? "✓" : finding.Blocks ? "✗" : "!")} {finding.What}: {VisibleText.Block(finding.Found)} (needed: {finding.Needed})");
                if (finding.ToDo is { } next)
                    output.WriteLine($"      {next}");
            }
            output.WriteLine();
        }
        var blocked = findings.Any(finding => finding.Blocks);
        output.WriteLine(blocked ? "Something blocks './hvlab run': see the lines marked ✗."
            : "'./hvlab run' can start; what is marked ! it sets up by itself.");
        return blocked ? ExitCode.Unknown : ExitCode.Success;
    }
}
