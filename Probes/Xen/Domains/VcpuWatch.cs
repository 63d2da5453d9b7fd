using System.Diagnostics;

namespace HvLab.Probes.Xen.Domains;

/// <summary>What counts as evidence that a vCPU spins. Time alone never does: a busy machine stalls the box at any moment.</summary>
/// <param name="SpinTurns">How often it must get the physical CPU anew without finishing.</param>
/// <param name="SpinMs">Time that it must get without finishing.</param>
/// <param name="SettleTurns">How often it must get the physical CPU to have done what it was woken for.</param>
/// <param name="GiveUpMs">Time after which the answer is "unclear".</param>
public sealed record WatchBounds(int SpinTurns = 16, int SpinMs = 4, int SettleTurns = 4, int GiveUpMs = 3000)
{
    public static WatchBounds Default { get; } = new();
}

/// <summary>Tells a sleeping vCPU from a spinning and from a slow one: that it sleeps is Xen's own word.</summary>
internal sealed class VcpuWatch(XenDomain domain, GuestVcpu vcpu, WatchBounds bounds)
{
    private const double QuickMs = 1;

    private readonly long _start = Stopwatch.GetTimestamp();

    public GuestAnswer Await()
    {
        // Almost every command ends within a fraction of a millisecond: look before asking Xen anything.
        while (Elapsed < QuickMs)
        {
            if (vcpu.Look() is { } done)
                return done;
            domain.Host.LetGuestsRun();
        }

        var turns = new Turns(domain, vcpu, bounds.GiveUpMs);
        while (true)
        {
            var asked = turns.Look();
            // Looked at last: what ended before Xen was asked is neither asleep nor spinning.
            if (vcpu.Look() is { } done)
                return done;
            if (domain.IsOver)
                return new GuestAnswer.Crashed();
            if (asked && turns.IsOff)
                return new GuestAnswer.Asleep();
            if (turns.Count >= bounds.SpinTurns && turns.RanMs >= bounds.SpinMs)
                return new GuestAnswer.Spinning();
            if (Elapsed > bounds.GiveUpMs)
                return new GuestAnswer.Unclear();
        }
    }

    private double Elapsed => Stopwatch.GetElapsedTime(_start).TotalMilliseconds;
}

/// <summary>Counts how often a vCPU gets the physical CPU. The one that asks has it in between.</summary>
internal sealed class Turns(XenDomain domain, GuestVcpu vcpu, int giveUpMs)
{
    private RunState? _first, _last;

    public int Count { get; private set; }

    /// <summary>Time that it ran since the first look.</summary>
    public double RanMs => _last is { } last && _first is { } first ? (last.Ran - first.Ran) / 1e6 : 0;

    /// <summary>Whether Xen, when it was asked last, would not have run it at all.</summary>
    public bool IsOff => _last is { IsOff: true };

    /// <returns>False where Xen could not be asked.</returns>
    public bool Look()
    {
        if (RunState.Of(domain, vcpu, giveUpMs) is not { } now)
            return false;
        if (_last is { } last && now.Ran != last.Ran && now.Since != last.Since)
            Count++;
        _first ??= now;
        _last = now;
        return true;
    }
}

/// <summary>Tells when each of these vCPUs has done what it could do without anybody's help.</summary>
internal sealed class Settling(XenDomain domain, IEnumerable<GuestVcpu> busy, WatchBounds bounds)
{
    private readonly List<(GuestVcpu Vcpu, Turns Turns)> _unsettled = [.. busy.Select(vcpu => (vcpu, new Turns(domain, vcpu, bounds.GiveUpMs)))];

    /// <summary>True once they have, and where the domain is over.</summary>
    public bool IsOver()
    {
        _unsettled.RemoveAll(one => one.Vcpu.IsIdle || (one.Turns.Look() && one.Turns.IsOff) || one.Turns.Count >= bounds.SettleTurns);
        return _unsettled.Count == 0 || domain.IsOver;
    }
}
