using System.Diagnostics;
using HvLab.GuestAgents.Payloads.Xen;

namespace HvLab.Probes.Xen.Domains;

/// <summary>What Xen's scheduler has a vCPU at: struct vcpu_runstate_info of vcpu.h.</summary>
/// <param name="State">RUNSTATE_*: 0 running, 1 runnable, 2 blocked, 3 offline, which a paused one is.</param>
/// <param name="Since">System time in nanoseconds at which that began.</param>
/// <param name="Ran">Nanoseconds that it ran, in all its life.</param>
internal readonly record struct RunState(int State, ulong Since, ulong Ran)
{
    private const int Blocked = 2;
    private const ulong VcpuOp = 24, GetRunStateInfo = 4; // __HYPERVISOR_vcpu_op, VCPUOP_get_runstate_info
    private const int LooksBetweenDoubts = 256;

    /// <summary>Xen would not run it if it could.</summary>
    public bool IsOff => State >= Blocked;

    /// <summary>
    /// Asks Xen, by a vCPU of the same domain that does nothing else (the metronome): no other domain may ask. Whoever wakes a
    /// vCPU makes it runnable before its hypercall returns, so the answer holds for all that dom0 did before.
    /// </summary>
    /// <returns>Null where the domain is over, or nobody answered in time.</returns>
    public static RunState? Of(XenDomain domain, GuestVcpu vcpu, int giveUpMs)
    {
        var metronome = domain.Metronome;
        var start = Stopwatch.GetTimestamp();
        // An earlier question that nobody waited for: its answer is not ours.
        if (!TryAwait(domain, metronome, start, giveUpMs))
            return null;
        metronome.Post(XenCommand.Hypercall, VcpuOp, GetRunStateInfo, (ulong)vcpu.Index, XenMemoryMap.RunState);
        if (!TryAwait(domain, metronome, start, giveUpMs))
            return null;
        if (metronome.Look() is not GuestAnswer.Finished { Result: 0 })
            throw new InvalidOperationException($"Xen does not say what a vCPU is at: VCPUOP_get_runstate_info gave {metronome.Look()}.");
        var at = (int)XenMemoryMap.RunState;
        return new(domain.Low.At<int>(at), domain.Low.At<ulong>(at + 8), domain.Low.At<ulong>(at + 16));
    }

    private static bool TryAwait(XenDomain domain, GuestVcpu metronome, long start, int giveUpMs)
    {
        for (var look = 1; !metronome.IsIdle; look++)
        {
            if (look % LooksBetweenDoubts == 0
                && (domain.IsOver || Stopwatch.GetElapsedTime(start).TotalMilliseconds > giveUpMs))
                return false;
            if (domain.Host.HasOneCpu)
                domain.Host.LetGuestsRun();
            else
                Thread.Yield();
        }
        return true;
    }
}
