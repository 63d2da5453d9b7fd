using System.CommandLine;
using HvLab.Harness.Cli.Boxes;

namespace HvLab.Harness.Cli.Commands;

/// <summary>'hvlab box': a box for hands-on work.</summary>
internal static class BoxCommand
{
    public static Command Create(Session session)
    {
        var command = new Command("box", "Boots a box and keeps it up for hands-on work.")
        {
            Up(session),
            Action(session, "down", "Powers it off.", (boxes, name, cancellation) => boxes.DownAsync(name, cancellation)),
            Action(session, "status", "Shows whether it is up, with what, since when.", (boxes, name, cancellation) => boxes.StatusAsync(name, cancellation)),
            Ssh(session),
            Action(session, "console", "Joins its serial console; Ctrl-] leaves.", (boxes, name, cancellation) => boxes.ConsoleAsync(name, cancellation)),
        };
        command.WithExamples(
            ("./hvlab box up", "boot the default box"),
            ("./hvlab box up --release xen-4.17", "with Xen: dom0 answers by ssh, the console is Xen's"),
            ("./hvlab box up --kernel arch/x86/boot/bzImage", "with your own kernel"),
            ("./hvlab box ssh -- uname -a", "one command on it; without one, a shell"),
            ("./hvlab box console", "its serial console; Ctrl-] leaves"),
            ("./hvlab box down", "power it off"));
        return command;
    }

    private static Command Up(Session session)
    {
        var name = Name();
        var release = RunOptionSymbols.Text("--release", "NAME", "What boots on it.");
        var kernel = RunOptionSymbols.Text("--kernel", "BZIMAGE", "Your own kernel in place of the release's.");
        var modules = RunOptionSymbols.Text("--modules", "DIR", "Your own modules.");
        var xen = RunOptionSymbols.Text("--xen", "XENGZ", "Your own hypervisor.");
        var up = new Command("up", "Boots a box and leaves it up; says how to reach it.") { name, release, kernel, modules, xen };
        up.SetAction((parsed, cancellation) => new BoxActions(session, parsed.Settings()).UpAsync(new RunOptions
        {
            Box = parsed.GetValue(name),
            Release = parsed.GetValue(release),
            Kernel = parsed.GetValue(kernel),
            Modules = parsed.GetValue(modules),
            Xen = parsed.GetValue(xen),
            Set = parsed.Settings(),
        }, cancellation));
        return up;
    }

    private static Command Ssh(Session session)
    {
        // An option here: what stands alone belongs to the remote command.
        var box = RunOptionSymbols.Text("--box", "NAME", NameDescription);
        var words = new Argument<string[]>("COMMAND") { Description = "The command and its arguments, after '--'.", Arity = ArgumentArity.ZeroOrMore };
        var ssh = new Command("ssh", "Opens a shell on it, or runs a command there.") { box, words };
        ssh.SetAction((parsed, cancellation) => new BoxActions(session, parsed.Settings())
            .SshAsync(parsed.GetValue(box), parsed.GetValue(words) ?? [], cancellation));
        return ssh;
    }

    private static Command Action(
        Session session, string verb, string description, Func<BoxActions, string?, CancellationToken, Task<int>> act)
    {
        var name = Name();
        var action = new Command(verb, description) { name };
        action.SetAction((parsed, cancellation) => act(new BoxActions(session, parsed.Settings()), parsed.GetValue(name), cancellation));
        return action;
    }

    private const string NameDescription = "Which box; without it, lab-config's default.";

    private static Argument<string?> Name() => new("NAME") { Description = NameDescription, Arity = ArgumentArity.ZeroOrOne };
}
