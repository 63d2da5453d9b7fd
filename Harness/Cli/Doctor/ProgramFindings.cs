using HvLab.Harness.Provisioning.Setup;

namespace HvLab.Harness.Cli.Doctor;

/// <summary>Programs and headers that the product needs, and which package brings what is missing.</summary>
internal static class ProgramFindings
{
    public static async Task<IReadOnlyList<DoctorFinding>> OfAsync(Session session, CancellationToken cancellation)
    {
        var machine = Machine.This(session.Environment.GetValueOrDefault);
        var plan = new SetupPlan(session.Paths, session.BoundsOrDefaults(), session.Clock, machine, RunRequirements.All);
        var canInstall = machine.Locate("apt-get") is not null && (Environment.IsPrivilegedProcess || machine.Locate("sudo") is not null);
        return [.. (await plan.InspectAsync(cancellation)).Select(state => new DoctorFinding(
            "Programs", state.Requirement.Name, state.Describe(), $"to {state.Requirement.Why}",
            state.IsMet ? null
            : canInstall ? $"'./hvlab run' installs it: apt package {state.Requirement.Package}."
            : $"Install it as root: apt package {state.Requirement.Package}.",
            Blocks: !state.IsMet && !canInstall))];
    }
}
