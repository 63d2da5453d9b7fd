using System.Runtime.InteropServices;

namespace HvLab.Probes.Native.Linux;

/// <summary>Identity and state of a kernel thread of this process, and a way to interrupt its system call.</summary>
public static unsafe class NativeThread
{
    private const int Signal = 40; // a real-time signal that no runtime uses

    public static int CurrentId => (int)Libc.Syscall(Libc.SYS_gettid, 0, 0, 0);

    /// <summary>Makes <see cref="Interrupt"/> end a blocking system call with EINTR and do nothing else.</summary>
    public static void InstallInterrupt()
    {
        // A handler must exist and must not be managed code: libc's abs(int) takes the signal number and returns.
        var action = new Libc.SigAction { Handler = NativeLibrary.GetExport(NativeLibrary.Load("libc.so.6"), "abs") };
        // SAFETY: the struct has glibc's layout; no SA_RESTART, so that system calls return.
        if (Libc.Sigaction(Signal, &action, null) != 0)
            throw new NativeCallException("sigaction", Errno.Last);
    }

    public static void Interrupt(int threadId) => Libc.Syscall(Libc.SYS_tgkill, Environment.ProcessId, threadId, Signal);

    /// <summary>Keeps the calling thread on one CPU, where there is such a CPU.</summary>
    /// <param name="cpu">0 to 63; null for all of them, since a new thread is where its maker is.</param>
    public static void PinTo(int? cpu)
    {
        var mask = cpu is { } one ? 1ul << one : ulong.MaxValue;
        // SAFETY: the kernel reads the one word that is announced.
        _ = Libc.Syscall(Libc.SYS_sched_setaffinity, 0, sizeof(ulong), (nint)(&mask));
    }

    /// <summary>Off the CPU for the shortest time that the kernel's timers know, some 50 microseconds: usleep(3).</summary>
    public static void Rest() => _ = Libc.Usleep(1);

    /// <summary>The state letter of /proc: R runs, S and D sleep. Null where the thread is gone.</summary>
    public static char? StateOf(int threadId)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/self/task/{threadId}/stat");
            return stat[stat.LastIndexOf(')') + 2];
        }
        catch (IOException)
        {
            return null;
        }
    }
}
