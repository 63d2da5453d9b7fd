using System.Diagnostics;

namespace HvLab.Probes.Xen.Domains;

/// <summary>What counts as evidence that a vCPU sleeps or spins. The wall clock alone never does: a busy machine stalls the box.</summary>
/// <param name="AsleepMs">Time that the metronome must get while the vCPU gets none: more than one time slice and any difference
/// in credit, so that a runnable vCPU would have been chosen.</param>
/// <param name="SpinMs">Time that the vCPU must get without finishing.</param>
/// <param name="Turns">Rounds of the metronome that either needs besides: the physical CPU switched between vCPUs.</param>
/// <param name="GiveUpMs">Time after which the answer is "unclear".</param>
public sealed record WatchBounds(int AsleepMs = 15, int SpinMs = 25, int Turns = 12, int GiveUpMs = 3000)
{
    public static WatchBounds Default { get; } = new();
}

/// <summary>
/// Tells a sleeping vCPU from a spinning and from a slow one. All vCPUs share a physical CPU; the metronome is one of them,
/// always runnable, that yields in every round. If it gets time and the watched one gets none, that one is not runnable.
/// </summary>
internal sealed class VcpuWatch(XenDomain domain, GuestVcpu vcpu, WatchBounds bounds)
{
    private const int QuickLooks = 400;
    private const int RoundMs = 1;

    private readonly long _start = Stopwatch.GetTimestamp();

    public GuestAnswer Await()
    {
        // Almost every command ends within a fraction of a millisecond: look before asking Xen anything.
        for (var look = 0; look < QuickLooks; look++)
        {
            if (vcpu.Look() is { } done)
                return done;
            Thread.SpinWait(100);
        }

        var begin = Sample.Of(domain, vcpu);
        var still = begin; // since when the vCPU has got no time
        while (true)
        {
            if (vcpu.Look() is { } done)
                return done;
            if (domain.Info is not { IsShutDown: false, IsDying: false })
                return new GuestAnswer.Crashed();
            var now = Sample.Of(domain, vcpu);
            if (now.Vcpu != still.Vcpu)
                still = now;
            // Looked at last: what ended before the sample was taken is neither asleep nor spinning.
            if (vcpu.Look() is null && now.Since(still, bounds) is var (metronome, _) && metronome >= bounds.AsleepMs)
                return new GuestAnswer.Asleep();
            if (vcpu.Look() is null && now.Since(begin, bounds) is var (_, own) && own >= bounds.SpinMs)
                return new GuestAnswer.Spinning();
            if (Stopwatch.GetElapsedTime(_start).TotalMilliseconds > bounds.GiveUpMs)
                return new GuestAnswer.Unclear();
            lock (this)
                Monitor.Wait(this, RoundMs);
        }
    }

    /// <summary>Nanoseconds of CPU time, and rounds of the metronome.</summary>
    private readonly record struct Sample(ulong Vcpu, ulong Metronome, ulong Turns)
    {
        public static Sample Of(XenDomain domain, GuestVcpu vcpu) =>
            new(vcpu.CpuTime ?? 0, domain.Metronome.CpuTime ?? 0, domain.Metronome.Ticks);

        /// <summary>Milliseconds that the metronome and the vCPU got since then; nothing where there were too few rounds to say.</summary>
        public (double Metronome, double Vcpu) Since(Sample then, WatchBounds bounds) =>
            Turns - then.Turns < (ulong)bounds.Turns ? (0, 0) : ((Metronome - then.Metronome) / 1e6, (Vcpu - then.Vcpu) / 1e6);
    }
}
