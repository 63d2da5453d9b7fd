using HvLab.Reference.Kvm;

namespace HvLab.Reference.Models.Kvm;

/// <summary>How far one asynchronous fault has come.</summary>
public enum FaultStage
{
    /// <summary>Started; nobody has looked whether its worker already asks the pager.</summary>
    Started,
    /// <summary>Its worker was seen asking the pager.</summary>
    Asked,
    /// <summary>The pager supplied the page; the worker finishes at its own time.</summary>
    Arriving,
}

/// <summary>One asynchronous fault. <paramref name="Token"/> is <see cref="Token.None"/> where the guest was not told.</summary>
public readonly record struct AsyncFault(Gfn Page, Token Token, FaultStage Stage)
{
    public bool Told => Token != Token.None;
    public bool Arriving => Stage == FaultStage.Arriving;
}

/// <summary>Whether the wake-all that enabling queues is still to come.</summary>
public enum WakeAll { None, MayCome, MustCome }

public enum ActivityKind { Rest, Touching, Halted, Idling, Polling, Disabling, Answering }

/// <summary>The guest operation that a vCPU has begun and not finished.</summary>
public readonly record struct Activity(ActivityKind Kind, Gfn Page = default, Access Access = default, GuestMode Mode = default, AsyncPfSeen? Answer = null)
{
    public static Activity Rest => default;
    public bool Interruptible => Kind switch
    {
        ActivityKind.Touching => Mode.Interrupts,
        ActivityKind.Halted or ActivityKind.Idling or ActivityKind.Polling => true,
        _ => false,
    };
}

/// <summary>What KVM and the guest know of one vCPU.</summary>
public sealed record AsyncPfVcpu
{
    public ulong Enable { get; init; }
    /// <summary>The machine kept an area that it refused, and cannot reach it: <see cref="AsyncPfQuirks.KeepsRefusedArea"/> alone.</summary>
    public bool AreaRefused { get; init; }
    public byte Vector { get; init; }
    public Lapic Lapic { get; init; }
    /// <summary>Faults whose READY the guest has not seen, oldest first.</summary>
    public ValueList<AsyncFault> Faults { get; init; }
    public WakeAll WakeAll { get; init; }
    /// <summary>The token that the guest was told of and has not cleared: the slot is taken.</summary>
    public Token Held { get; init; }
    /// <summary>Tokens of which one may already stand in the slot, with its interrupt raised, since before a disable or a move.</summary>
    public ValueList<Token> Latched { get; init; }
    public Activity Now { get; init; }
    /// <summary>A READY interrupted the access: its handler has reported and not returned.</summary>
    public bool InHandler { get; init; }
    /// <summary>The page that this vCPU's own thread asked the pager for.</summary>
    public Gfn? AtPager { get; init; }

    public bool AtRest => Now.Kind == ActivityKind.Rest;

    /// <summary>kvm_pv_async_pf_enabled: both the enable bit and interrupt delivery.</summary>
    public bool Enabled => IsEnabled(Enable);
    public bool SendAlways => (Enable & AsyncPfEnable.SendAlways) != 0;
    public Gfn SharedPage => new Gpa(Enable & AsyncPfEnable.AddressMask).Page;

    public static bool IsEnabled(ulong value) =>
        (value & (AsyncPfEnable.Enabled | AsyncPfEnable.DeliveryAsInterrupt))
        == (AsyncPfEnable.Enabled | AsyncPfEnable.DeliveryAsInterrupt);

    /// <summary>Something waits that KVM would put into the slot if it may.</summary>
    public bool HasReady
    {
        get
        {
            if (WakeAll != WakeAll.None)
                return true;
            foreach (ref readonly var fault in Faults.AsSpan())
                if (fault.Told && fault.Arriving)
                    return true;
            return false;
        }
    }

    /// <summary>Something is on, or on its way to, the completion queue.</summary>
    public bool HasArriving
    {
        get
        {
            if (WakeAll != WakeAll.None)
                return true;
            foreach (ref readonly var fault in Faults.AsSpan())
                if (fault.Arriving)
                    return true;
            return false;
        }
    }

    /// <summary>A completion stays queued, for nothing can be put into the slot.</summary>
    public bool HasStuckCompletion => Enabled && HasArriving && !CanDequeue;

    public bool CanDequeue => Enabled && !AreaRefused && Lapic == Lapic.On && Held == Token.None;

    /// <summary>KVM owes the guest an interrupt: nothing but the guest's own masking may delay it.</summary>
    public bool OwesReady
    {
        get
        {
            if (!CanDequeue)
                return false;
            if (WakeAll == WakeAll.MustCome)
                return true;
            foreach (ref readonly var fault in Faults.AsSpan())
                if (fault.Told && fault.Arriving)
                    return true;
            return false;
        }
    }

    /// <summary>A worker of this vCPU is under way for the page.</summary>
    public bool WaitsFor(Gfn page)
    {
        foreach (ref readonly var fault in Faults.AsSpan())
            if (fault.Page == page && !fault.Arriving)
                return true;
        return false;
    }

    /// <summary>A fault of this vCPU on the page arrived, and KVM may not have dequeued it yet.</summary>
    public bool HasArrived(Gfn page)
    {
        foreach (ref readonly var fault in Faults.AsSpan())
            if (fault.Page == page && fault.Arriving)
                return true;
        return false;
    }

    /// <summary>Without the untold fault that arrived for a page: KVM is seen to have dequeued it.</summary>
    public ValueList<AsyncFault> WithoutSilent(Gfn page)
    {
        var index = Faults.IndexOf(new(page, Token.None, FaultStage.Arriving));
        return index < 0 ? Faults : Faults.RemoveAt(index);
    }

    public bool IsOutstanding(Token token)
    {
        foreach (ref readonly var fault in Faults.AsSpan())
            if (fault.Token == token)
                return true;
        return Held == token;
    }

    /// <summary>Bounds of KVM's own count (vcpu->async_pf.queued): what has arrived may or may not have been dequeued yet.</summary>
    public (int Least, int Most) Queued
    {
        get
        {
            int waiting = 0, told = 0, silent = 0;
            foreach (ref readonly var fault in Faults.AsSpan())
                if (!fault.Arriving) waiting++;
                else if (fault.Told) told++;
                else silent++;
            var most = waiting + told + silent + (WakeAll == WakeAll.None ? 0 : 1);
            // Untold ones may have been dequeued before the slot was taken; told ones leave only through it.
            var slotTaken = Enabled && (AreaRefused || Held != Token.None || Lapic != Lapic.On);
            return (slotTaken ? waiting + told + (WakeAll == WakeAll.MustCome ? 1 : 0)
                : Enabled ? waiting + Math.Max(0, told - 1)
                : waiting, most);
        }
    }
}
