using System.Globalization;
using static HvLab.Reference.Kvm.AsyncPfSeen;

namespace HvLab.Probes.Kvm.AsyncPf;

/// <summary>What is in use before a VM, and what is more after it, counted where the host itself counts it.</summary>
internal sealed class Leftovers
{
    private readonly HashSet<string> _processes = [.. Processes()];
    private readonly int _threads = OwnThreads();
    private readonly int _files = OpenFiles();
    private readonly int _pages = SecondaryPageTables();

    private Leftovers()
    {
    }

    public static Leftovers CountNow() => new();

    /// <summary>
    /// What is more now, once it has stopped falling (threads take a moment to leave /proc): threads of this process and kernel
    /// threads that KVM starts for a VM; open files of this process and references that VMs hold on KVM's modules; pages of
    /// second-level page tables (SecPageTables of /proc/meminfo, in 4 KiB pages).
    /// </summary>
    public Destroyed Settle(ProbeBounds bounds)
    {
        var patience = new Patience(bounds);
        while (true)
        {
            var left = new Destroyed(OwnThreads() - _threads + NewKvmThreads(), OpenFiles() - _files, SecondaryPageTables() - _pages);
            if (left is { Threads: <= 0, Files: <= 0, Pages: <= 0 })
                return new(0, 0, 0);
            if (patience.IsOver)
                return left;
            Thread.Yield();
        }
    }

    private static int OwnThreads() => Directory.EnumerateDirectories("/proc/self/task").Count() - Crew.Idle;

    private static int OpenFiles() => Directory.EnumerateFileSystemEntries("/proc/self/fd").Count() + ModuleReferences();

    private static IEnumerable<string> Processes() => Directory.EnumerateDirectories("/proc").Where(path => char.IsAsciiDigit(path[^1]));

    // Reading a name costs more than listing all processes: only what is new is asked for its name.
    private int NewKvmThreads() =>
        Processes().Count(process => !_processes.Contains(process) && Read(process + "/comm").StartsWith("kvm-", StringComparison.Ordinal));

    private static int ModuleReferences()
    {
        var count = 0;
        foreach (var module in (ReadOnlySpan<string>)["kvm_amd", "kvm_intel"])
            if (int.TryParse(Read($"/sys/module/{module}/refcnt"), CultureInfo.InvariantCulture, out var references))
                count += references;
        return count;
    }

    private static int SecondaryPageTables()
    {
        // Counters are kept per CPU; writing here folds them into the totals.
        File.WriteAllText("/proc/sys/vm/stat_refresh", "1");
        foreach (var line in File.ReadLines("/proc/meminfo"))
            if (line.StartsWith("SecPageTables:", StringComparison.Ordinal))
                return int.Parse(line.AsSpan(14).Trim().TrimEnd("kB ").Trim(), CultureInfo.InvariantCulture) / 4;
        return 0; // before Linux 6.1 nobody counts them
    }

    private static string Read(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return ""; // a process that ended, or a module that is not loaded
        }
    }
}
