using System.Globalization;

namespace HvLab.Harness.Drivers.Processes;

/// <summary>
/// How a child is bound to this process by util-linux's "setpriv --pdeathsig": the kernel sends it a signal when its parent
/// ends, kill -9 included. The shell's first look at its own parent closes the gap before setpriv has asked for that. The
/// scripts are constants; programs and arguments are passed beside them, as an array.
/// </summary>
internal static class Leash
{
    /// <summary>Ends where the parent is gone already, else becomes the program.</summary>
    private const string Become = "[ $PPID = \"$1\" ] || exit 137; shift; exec \"$@\"";

    /// <summary>
    /// Stays as the leader of a session: on the signal it takes the program and everything that it started along. Only the
    /// direct child hears of its parent's death, and a compiler driver has children of its own.
    /// </summary>
    private const string Lead = "trap 'kill -KILL 0' TERM; [ $PPID = \"$1\" ] || exit 137; shift; \"$@\" <&0 & wait $!";

    /// <summary>For a program without children of its own: it is what the process id stands for.</summary>
    public static (string Program, IReadOnlyList<string> Arguments) Single(string program, IReadOnlyList<string> arguments) =>
        ("setpriv", ["--pdeathsig", "KILL", "--", "sh", "-c", Become, "leash", Self, program, .. arguments]);

    /// <summary>For a program with children. Null where this machine has not what it takes: then the program runs unbound.</summary>
    public static (string Program, IReadOnlyList<string> Arguments)? Family(string program, IReadOnlyList<string> arguments) =>
        Executables.Find("setpriv") is { } setpriv && Executables.Find("setsid") is { } setsid && Executables.Find("sh") is { } shell
            ? (setpriv, ["--pdeathsig", "TERM", "--", setsid, shell, "-c", Lead, "leash", Self, program, .. arguments])
            : null;

    private static string Self { get; } = Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
}
