using System.CommandLine;
using HvLab.Harness.Lab;
using HvLab.Harness.Lab.Configuration;

namespace HvLab.Harness.Cli.Commands;

/// <summary>'hvlab box': a box for hands-on work.</summary>
internal static class BoxCommand
{
    public static Command Create(Session session)
    {
        var command = new Command("box", "Boots a box and keeps it up for hands-on work.")
        {
            Action("up", "Boots a box and leaves it up; says how to reach it."),
            Action("down", "Powers it off."),
            Action("status", "Shows whether it is up, with what, since when."),
            Ssh(),
            Action("console", "Shows its serial console, and follows it."),
        };
        command.WithExamples(
            ("./hvlab box up", "boot the default box"),
            ("./hvlab box ssh -- uname -a", "one command on it"),
            ("./hvlab box down", "power it off"));
        return command;

        Command Ssh()
        {
            var ssh = Action("ssh", "Opens a shell on it, or runs a command there.");
            ssh.Add(new Argument<string[]>("COMMAND") { Description = "The command and its arguments, after '--'.", Arity = ArgumentArity.ZeroOrMore });
            return ssh;
        }

        Command Action(string name, string description)
        {
            var box = RunOptionSymbols.Text("--box", "NAME", "Which box; without it, lab-config's default.");
            var action = new Command(name, description) { box };
            action.SetAction((parsed, _) =>
            {
                var lab = session.LoadLab(parsed.Settings());
                Use(RunRequests.Find(lab.Boxes, parsed.GetValue(box) ?? lab.Defaults.Box, "--box", "box"));
                return Task.FromResult(ExitCode.Success);
            });
            return action;
        }
    }

    private static void Use(BoxResource box) =>
        throw new LabException(LabFault.Power, $"Box {box.Name} cannot be driven yet: provisioning is not part of this build.");
}
