using System.Diagnostics;
using System.Globalization;

namespace HvLab.Harness.Drivers.Processes;

/// <summary>A process that cannot be mistaken for another one that got its number later.</summary>
/// <param name="StartTicks">Clock ticks after boot when it started: field 22 of /proc/PID/stat, proc(5).</param>
public sealed record ProcessIdentity(int Pid, long StartTicks)
{
    /// <summary>Null where no such process runs (a zombie no longer runs).</summary>
    public static ProcessIdentity? Of(int pid)
    {
        try
        {
            return Parse(pid, File.ReadAllText($"/proc/{pid}/stat"));
        }
        catch (IOException)
        {
            return null;
        }
        catch (UnauthorizedAccessException)
        {
            return null;
        }
    }

    public static ProcessIdentity Self => Of(Environment.ProcessId)!;

    /// <summary>SIGSTOP, or a debugger holds it: states T and t of proc(5). False where no such process runs.</summary>
    public static bool IsStopped(int pid)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            return stat[(stat.LastIndexOf(')') + 1)..].TrimStart() is ['T' or 't', ..];
        }
        catch (IOException)
        {
            return false;
        }
    }

    public bool IsAlive => Of(Pid) == this;

    /// <summary>SIGKILL, if it is still the same process. True where it was alive.</summary>
    public bool Kill()
    {
        if (!IsAlive)
            return false;
        try
        {
            using var process = Process.GetProcessById(Pid);
            process.Kill();
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    /// <summary>"pid (name) state ppid …": the name may hold blanks and parentheses, so fields count from its last one.</summary>
    internal static ProcessIdentity? Parse(int pid, string stat)
    {
        var fields = stat[(stat.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        const int state = 0, startTime = 22 - 3;
        if (fields.Length <= startTime || fields[state] is "Z" or "X")
            return null;
        return long.TryParse(fields[startTime], CultureInfo.InvariantCulture, out var ticks) ? new(pid, ticks) : null;
    }
}
