using System.Globalization;
using static HvLab.Reference.Kvm.AsyncPfSeen;

namespace HvLab.Probes.Kvm.AsyncPf;

/// <summary>What a VM uses of the host, counted where the host itself counts it.</summary>
/// <param name="Threads">Threads of this process, and kernel threads that KVM starts for a VM.</param>
/// <param name="Files">Open files of this process, and references that VMs hold on KVM's modules.</param>
/// <param name="Pages">Pages of second-level page tables (SecPageTables of /proc/meminfo, in 4 KiB pages).</param>
internal readonly record struct Leftovers(int Threads, int Files, int Pages)
{
    public static Leftovers CountNow() => new(
        Directory.GetDirectories("/proc/self/task").Length - Crew.Idle + KvmKernelThreads(),
        Directory.GetFileSystemEntries("/proc/self/fd").Length + ModuleReferences(),
        SecondaryPageTables());

    /// <summary>What is more than before, once it has stopped falling: threads take a moment to leave /proc.</summary>
    public static Destroyed SettleSince(Leftovers before, ProbeBounds bounds)
    {
        var patience = new Patience(bounds);
        while (true)
        {
            var now = CountNow();
            var left = new Destroyed(now.Threads - before.Threads, now.Files - before.Files, now.Pages - before.Pages);
            if (left is { Threads: <= 0, Files: <= 0, Pages: <= 0 })
                return new(0, 0, 0);
            if (patience.IsOver)
                return left;
            Thread.Yield();
        }
    }

    private static int KvmKernelThreads()
    {
        var count = 0;
        foreach (var process in Directory.EnumerateDirectories("/proc", "*"))
            if (char.IsAsciiDigit(process[^1]) && Read(process + "/comm").StartsWith("kvm-", StringComparison.Ordinal))
                count++;
        return count;
    }

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
