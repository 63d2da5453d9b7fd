namespace HvLab.Harness.Drivers.Console;

/// <summary>How bad a line on the console is.</summary>
public enum ConsoleSeverity
{
    /// <summary>The kernel found something odd and goes on.</summary>
    Warning,
    /// <summary>The kernel under test is broken, even if it still answers.</summary>
    Crash,
    /// <summary>It will not go on by itself.</summary>
    Fatal,
}

/// <summary>One row of the table: a text that the kernel prints and what it means.</summary>
public sealed record ConsolePattern(string Text, ConsoleSeverity Severity, string Kind);

/// <summary>What trouble looks like on the console of Linux or Xen. Texts are quoted from their own format strings.</summary>
public static class ConsolePatterns
{
    /// <summary>The first match of a line decides: the specific before the general.</summary>
    public static IReadOnlyList<ConsolePattern> Table { get; } =
    [
        // Xen's own lines begin with "(XEN) "; a guest's, which may say anything, with "(d1) " and the like.
        // xen/drivers/char/console.c: "Panic on CPU %d:"; xen/arch/x86/traps.c: "FATAL TRAP: vector = %d"
        new("(XEN) Panic on CPU ", ConsoleSeverity.Fatal, "Xen panic"),
        new("(XEN) FATAL TRAP: ", ConsoleSeverity.Fatal, "Xen panic"),
        new("(XEN) FATAL PAGE FAULT", ConsoleSeverity.Fatal, "Xen panic"),
        // xen/common/domain.c and shutdown.c: "Hardware Dom%u crashed: ", "Domain 0 crashed: "
        new("(XEN) Hardware Dom0 crashed", ConsoleSeverity.Fatal, "crash of dom0"),
        new("(XEN) Domain 0 crashed", ConsoleSeverity.Fatal, "crash of dom0"),
        // xen/arch/x86/nmi.c: "Watchdog timer detects that CPU%d is stuck!"
        new("(XEN) Watchdog timer detects that CPU", ConsoleSeverity.Fatal, "Xen hang"),
        // xen/arch/x86/traps.c: "Xen BUG at %s%s:%d", "Assertion '%s' failed at %s%s:%d", "Xen WARN at %s%s:%d"
        new("(XEN) Xen BUG at ", ConsoleSeverity.Fatal, "Xen BUG()"),
        new("(XEN) Assertion '", ConsoleSeverity.Fatal, "failed assertion of Xen"),
        new("(XEN) Xen WARN at ", ConsoleSeverity.Warning, "Xen WARN()"),
        // kernel/panic.c: "Kernel panic - not syncing: %s"
        new("Kernel panic - not syncing", ConsoleSeverity.Fatal, "kernel panic"),
        // kernel/watchdog.c: "watchdog: BUG: soft lockup - CPU#%d stuck for %us!"; arch hard lockup detector beside it
        new("BUG: soft lockup", ConsoleSeverity.Crash, "soft lockup"),
        new("hard LOCKUP on cpu", ConsoleSeverity.Crash, "hard lockup"),
        // kernel/rcu/tree_stall.h: "INFO: %s detected stalls on CPUs/tasks:", "INFO: %s self-detected stall on CPU"
        new("detected stalls on CPUs/tasks", ConsoleSeverity.Crash, "RCU stall"),
        new("self-detected stall on CPU", ConsoleSeverity.Crash, "RCU stall"),
        // kernel/hung_task.c: "INFO: task %s:%d blocked for more than %ld seconds."
        new("blocked for more than", ConsoleSeverity.Crash, "hung task"),
        // mm/kasan, mm/kfence, kernel/kcsan: "BUG: KASAN: %s in %pS"
        new("BUG: KASAN:", ConsoleSeverity.Crash, "KASAN report"),
        new("BUG: KFENCE:", ConsoleSeverity.Crash, "KFENCE report"),
        new("BUG: KCSAN:", ConsoleSeverity.Warning, "KCSAN report"),
        new("UBSAN: ", ConsoleSeverity.Crash, "UBSAN report"),
        // arch/x86/mm/fault.c: "BUG: kernel NULL pointer dereference", "BUG: unable to handle page fault for address"
        new("BUG: kernel NULL pointer dereference", ConsoleSeverity.Crash, "oops"),
        new("BUG: unable to handle", ConsoleSeverity.Crash, "oops"),
        // lib/bug.c: "kernel BUG at %s:%u!"
        new("kernel BUG at ", ConsoleSeverity.Crash, "BUG()"),
        // arch/x86/kernel/traps.c: "general protection fault, …"
        new("general protection fault, ", ConsoleSeverity.Crash, "oops"),
        new("divide error: ", ConsoleSeverity.Crash, "oops"),
        new("invalid opcode: ", ConsoleSeverity.Crash, "oops"),
        // arch/x86/kernel/dumpstack.c: "%s: %04lx [#%d]"
        new("Oops: ", ConsoleSeverity.Crash, "oops"),
        new("stack segment: ", ConsoleSeverity.Crash, "oops"),
        new("double fault: ", ConsoleSeverity.Crash, "oops"),
        // mm/page_alloc.c: "BUG: Bad page state in process %s"; mm/memory.c: "BUG: Bad page map", "BUG: Bad rss-counter state"
        new("BUG: Bad page", ConsoleSeverity.Crash, "bad page"),
        new("BUG: Bad rss-counter state", ConsoleSeverity.Crash, "bad page"),
        // kernel/sched/core.c: "BUG: scheduling while atomic", "BUG: sleeping function called from invalid context"
        new("BUG: scheduling while atomic", ConsoleSeverity.Crash, "scheduling while atomic"),
        new("BUG: ", ConsoleSeverity.Crash, "BUG"),
        // kernel/locking/lockdep.c
        new("WARNING: possible circular locking dependency", ConsoleSeverity.Warning, "lockdep report"),
        // kernel/panic.c: "WARNING: CPU: %d PID: %d at %pS"
        new("WARNING: CPU: ", ConsoleSeverity.Warning, "WARN()"),
        // mm/oom_kill.c: "Out of memory: Killed process …"
        new("Out of memory: Killed process", ConsoleSeverity.Warning, "out of memory"),
    ];

    /// <summary>
    /// What looks like trouble and is the emulator's. QEMU's TCG gives the size of a compressed state (CPUID 0xd.1 EBX) without
    /// having XSAVEC, and Xen 4.20 says so once at boot (xen/arch/x86/xstate.c, check_new_xstate).
    /// </summary>
    private const string EmulatorsOwn = "(XEN) Xen WARN at arch/x86/xstate.c:";

    public static ConsolePattern? Match(string line)
    {
        ArgumentNullException.ThrowIfNull(line);
        return line.StartsWith(EmulatorsOwn, StringComparison.Ordinal) ? null : Table.FirstOrDefault(pattern => line.Contains(pattern.Text, StringComparison.Ordinal));
    }
}

/// <summary>Trouble that the console showed.</summary>
/// <param name="Excerpt">From the first line that matched: escaped and bounded.</param>
public sealed record ConsoleTrouble(ConsoleSeverity Severity, string Kind, string Excerpt);
