using System.Diagnostics;
using HvLab.GuestAgents.Payloads.Kvm;
using HvLab.Probes.Native.Kvm;
using HvLab.Probes.Native.Linux;
using HvLab.Reference;
using HvLab.Reference.Kvm;
using static HvLab.Reference.Kvm.AsyncPfSeen;

namespace HvLab.Probes.Kvm.AsyncPf;

/// <summary>
/// Looks at a vCPU until it says something or is at rest. Rest is a condition that is seen (a halted vCPU in KVM's
/// statistics, a thread in the pager's reports, a kernel function), never a time that passed.
/// </summary>
internal sealed class Observer(Doorbell changed, Pager pager, ProbeBounds bounds)
{
    public bool WaitForRequest(Gfn page)
    {
        var patience = new Patience(bounds);
        while (true)
        {
            var rings = changed.Rings;
            if (pager.IsRequested(page))
                return true;
            if (patience.IsOver)
                return false;
            changed.Wait(rings, ProbeBounds.LookMs);
        }
    }

    /// <param name="goesOn">
    /// True where a wait inside the kernel was answered already and its end is what is asked for: a worker whose page has
    /// come needs a moment, and only the bound may say that it takes too long.
    /// </param>
    public AsyncPfSeen Observe(GuestVcpu cpu, bool goesOn)
    {
        var patience = new Patience(bounds);
        var stats = cpu.Thread.Vcpu.Stats;
        ulong? firstExits = null, blockedAt = null;
        var inWorkqueue = 0;
        while (true)
        {
            var rings = changed.Rings;
            if (cpu.Thread.TakeExit() is { } exit)
            {
                if (Describe(cpu, exit) is not Woke || cpu.Pending != Pending.Idle)
                    return Describe(cpu, exit);
                if (stats.Exits - firstExits is { } woken && woken > (ulong)bounds.SpinExits && patience.HasLasted(bounds.SpinMs))
                    return UnlessLost(cpu, new Spinning((long)woken));
                cpu.Call(AsyncPfPayload.Shared.Halt, interrupts: true);
            }
            if (pager.TakeWaiting(cpu.Thread.ThreadId) is { } page)
                return new AtPager(page);
            if (patience.IsFresh) // most answers come at once, and reading statistics takes as long as one of them
            {
                patience.Look();
                changed.Wait(rings, ProbeBounds.LookMs);
                continue;
            }

            var exits = stats.Exits;
            firstExits ??= exits;
            if (!stats.Blocking)
                blockedAt = null;
            else if (blockedAt == exits && exits != cpu.RestExits && cpu.Pending != Pending.Idle)
            {
                cpu.RestExits = exits;
                return new Asleep();
            }
            else
                blockedAt = exits;

            if (exits - firstExits is { } spent && spent > (ulong)bounds.SpinExits && patience.HasLasted(bounds.SpinMs))
                return UnlessLost(cpu, new Spinning((long)spent));
            if (!goesOn && cpu.Pending == Pending.WriteMsr && pager.IsAwaited && KernelWait.IsForWorker(cpu.Thread.ThreadId) && ++inWorkqueue > 1)
                return new Stalled();
            if (patience.IsOver)
                return UnlessLost(cpu, new Nothing());
            changed.Wait(rings, ProbeBounds.LookMs);
        }
    }

    /// <summary>What a vCPU that goes nowhere is to be called.</summary>
    /// <exception cref="EmulatorFaultException">It does so by no fault of KVM.</exception>
    private static AsyncPfSeen UnlessLost(GuestVcpu cpu, AsyncPfSeen seen)
    {
        if (!Emulation.IsTcg)
            return seen;
        if (cpu.Thread.Locate() is { } rip)
            return LostGuest.IsAt(rip) ? throw LostGuest.At(cpu.Index, rip) : seen;
        return KernelWait.IsInShutdown(cpu.Thread.ThreadId) ? throw LostGuest.ShutDown(cpu.Index) : seen;
    }

    private static AsyncPfSeen Describe(GuestVcpu cpu, GuestExit exit)
    {
        if (exit.Reason == KvmExitReason.Mmio)
            return new Mmio();
        if (exit.Reason == KvmExitReason.Shutdown && Emulation.IsTcg)
            throw LostGuest.ShutDown(cpu.Index);
        if (exit.Reason != KvmExitReason.Io)
            throw new UnexpectedExitException($"exit {exit.Reason} at 0x{exit.Regs.Rip:x}");
        var regs = exit.Regs;
        switch ((GuestReport)exit.Port)
        {
            case GuestReport.Finished:
                return cpu.Pending switch
                {
                    Pending.Touch => regs.Rax == Pager.WordOf(cpu.Page) ? new Completed() : new WrongData(regs.Rax),
                    Pending.ReadMsr => new MsrValue(regs.Rax),
                    Pending.Halt or Pending.Idle => new Woke(),
                    Pending.Poll => new NoInterrupt(),
                    _ => new Done(),
                };
            case GuestReport.PageFault:
                return regs.Rcx == 1 && regs.Rdx == 0 && regs.Rbx <= uint.MaxValue
                    ? new NotPresent(new((uint)regs.Rbx))
                    : new OtherPageFault(regs.Rbx, (uint)regs.Rcx, (uint)regs.Rdx);
            case GuestReport.Interrupt:
                cpu.Suspended = regs;
                return new Ready(new((uint)regs.Rbx), new((byte)regs.Rdx));
            case GuestReport.GeneralProtection:
                return new GeneralProtection();
            default:
                throw new UnexpectedExitException($"port 0x{exit.Port:x}, vector {regs.Rdx}, near 0x{regs.Rip:x}");
        }
    }
}

/// <summary>
/// Time that is over only when there were chances to look as well: a box that its machine stalled had no chance to act, and
/// where the observer runs the kernel's workers run too.
/// </summary>
internal struct Patience(ProbeBounds bounds)
{
    private readonly long _start = Stopwatch.GetTimestamp();
    private int _looks;

    public readonly bool HasLasted(int milliseconds) =>
        _looks > milliseconds / (ProbeBounds.LookMs * 2) && Stopwatch.GetElapsedTime(_start).TotalMilliseconds > milliseconds;

    /// <summary>Nobody has looked yet.</summary>
    public readonly bool IsFresh => _looks == 0;

    public void Look() => _looks++;

    public bool IsOver
    {
        get
        {
            Look();
            return HasLasted(bounds.GiveUpMs);
        }
    }
}

/// <summary>What a sleeping thread waits for, by the kernel's own word.</summary>
internal static class KernelWait
{
    /// <summary>True where the thread waits for a workqueue item to end (flush_work, cancel_work_sync).</summary>
    public static bool IsForWorker(int threadId)
    {
        var function = Read(threadId, "wchan");
        return function.Contains("flush_work", StringComparison.Ordinal) || function.Contains("cancel_work", StringComparison.Ordinal);
    }

    /// <summary>True where a vCPU that shut down is being reset, which takes until its last worker has its page.</summary>
    public static bool IsInShutdown(int threadId) => Read(threadId, "stack").Contains("shutdown_interception", StringComparison.Ordinal);

    private static string Read(int threadId, string file)
    {
        try
        {
            return File.ReadAllText($"/proc/self/task/{threadId}/{file}");
        }
        catch (IOException)
        {
            return "";
        }
    }
}
