using System.CommandLine;
using HvLab.Harness.Lab;

namespace HvLab.Harness.Cli.Commands;

/// <summary>'hvlab mutants': does the harness find bugs that were put in on purpose?</summary>
internal static class MutantsCommand
{
    public static Command Create(Session session)
    {
        var hypervisor = new Argument<string>("HYPERVISOR") { HelpName = "HYPERVISOR", Description = "Whose mutants: 'kvm'." }.AcceptOnlyFromAmong("kvm");
        var command = new Command("mutants", "Builds each mutant of the hypervisor, runs the suite on it, and shows which were found.") { hypervisor };
        command.WithExamples(("./hvlab mutants kvm", "all mutants of KVM; the table says found or not, by which scenario, after how long"));
        command.SetAction(int (parsed) =>
        {
            session.LoadLab(parsed.Settings());
            throw new LabException(LabFault.Build, "Mutants are not part of this build yet.");
        });
        return command;
    }
}
