using System.Diagnostics;

namespace HvLab.Probes.Xen.Domains;

/// <summary>What counts as evidence that a vCPU sleeps or spins. The wall clock alone never does: a busy machine stalls the box.</summary>
/// <param name="AsleepMs">Time that the domain's other vCPUs must get while the vCPU gets none: more than a time slice and any
/// difference in credit, so that a runnable vCPU would have been chosen.</param>
/// <param name="AsleepMsPerVcpu">As much more for each of the others, since they share that time.</param>
/// <param name="SpinTurns">How often the vCPU must get the physical CPU anew without finishing.</param>
/// <param name="Rounds">Rounds of the metronome after that time: Xen has chosen among its vCPUs again.</param>
/// <param name="GiveUpMs">Time after which the answer is "unclear".</param>
public sealed record WatchBounds(int AsleepMs = 12, int AsleepMsPerVcpu = 2, int SpinTurns = 8, int Rounds = 3, int GiveUpMs = 3000)
{
    public static WatchBounds Default { get; } = new();
}

/// <summary>
/// Tells a sleeping vCPU from a spinning and from a slow one. All vCPUs share a physical CPU; the metronome is one of them,
/// always runnable, that yields in every round. If the others get time and the watched one gets none, it is not runnable.
/// </summary>
internal sealed class VcpuWatch(XenDomain domain, GuestVcpu vcpu, WatchBounds bounds)
{
    private const double QuickMs = 1;
    private const int RoundMs = 1;

    private readonly long _start = Stopwatch.GetTimestamp();

    public GuestAnswer Await()
    {
        // Almost every command ends within a fraction of a millisecond: look before asking Xen anything.
        while (Elapsed < QuickMs)
        {
            if (vcpu.Look() is { } done)
                return done;
            Thread.SpinWait(10);
        }

        var (last, turns) = (Sample.Of(domain, vcpu), 0);
        var quiet = new QuietTime(domain, last.Beat, bounds); // since when the vCPU has got no time
        while (true)
        {
            if (vcpu.Look() is { } done)
                return done;
            var now = Sample.Of(domain, vcpu);
            if (now.Beat.IsOver)
                return new GuestAnswer.Crashed();
            if (now.Vcpu != last.Vcpu)
            {
                if (now.Beat.Rounds != last.Beat.Rounds)
                    turns++;
                quiet = new(domain, now.Beat, bounds);
            }
            last = now;
            var asleep = quiet.IsProven(now.Beat);
            // Looked at last: what ended before the sample was taken is neither asleep nor spinning.
            if (vcpu.Look() is null)
            {
                if (asleep)
                    return new GuestAnswer.Asleep();
                if (turns >= bounds.SpinTurns)
                    return new GuestAnswer.Spinning();
            }
            if (Elapsed > bounds.GiveUpMs)
                return new GuestAnswer.Unclear();
            lock (this)
                Monitor.Wait(this, RoundMs);
        }
    }

    private double Elapsed => Stopwatch.GetElapsedTime(_start).TotalMilliseconds;

    /// <summary>The vCPU's time in nanoseconds, and what all of the domain got.</summary>
    private readonly record struct Sample(ulong Vcpu, Beat Beat)
    {
        public static Sample Of(XenDomain domain, GuestVcpu vcpu) => new(vcpu.CpuTime ?? 0, Beat.Of(domain));
    }
}

/// <summary>How far the domain's vCPUs have come.</summary>
/// <param name="Time">Nanoseconds that they got, all together.</param>
/// <param name="Rounds">Rounds of the metronome.</param>
/// <param name="IsOver">True where the domain is shut down or gone.</param>
internal readonly record struct Beat(ulong Time, ulong Rounds, bool IsOver)
{
    public static Beat Of(XenDomain domain)
    {
        var rounds = domain.Metronome.Ticks;
        return domain.Info is { IsShutDown: false, IsDying: false } info ? new(info.CpuTime, rounds, IsOver: false) : new(0, rounds, IsOver: true);
    }
}

/// <summary>Tells when a vCPU that got no time since the begin cannot have been runnable, and one that was runnable has run.</summary>
internal sealed class QuietTime(XenDomain domain, Beat begin, WatchBounds bounds)
{
    private Beat? _ripe;

    public QuietTime(XenDomain domain, WatchBounds bounds) : this(domain, Beat.Of(domain), bounds)
    {
    }

    public bool IsProven(Beat now)
    {
        if (now.IsOver)
            return true;
        if (now.Time - begin.Time >= (ulong)(bounds.AsleepMs + (bounds.AsleepMsPerVcpu * domain.Vcpus.Count)) * 1_000_000)
            _ripe ??= now;
        // A stalled box makes time pass at once; only a choice that Xen made afterwards counts.
        return _ripe is { } ripe && now.Rounds - ripe.Rounds >= (ulong)bounds.Rounds;
    }
}
