using HvLab.Reference.Models.Exploration;

namespace HvLab.Reference.Models.Xen.Preemption;

/// <summary>Who has the physical CPU.</summary>
public enum OnCpu { Caller, Other, Thread }

/// <summary>Where the vCPU is that makes a long hypercall.</summary>
public enum CallerPhase
{
    /// <summary>In the guest, before the call.</summary>
    Before,
    Enters,
    /// <summary>Between two extents, without locks: the only place where a continuation may be made.</summary>
    Boundary,
    /// <summary>In an RCU read-side section, about to take the lock.</summary>
    Reads,
    /// <summary>Holds the lock as well; the extent is not done.</summary>
    Locked,
    /// <summary>Holds both; the extent is done.</summary>
    Worked,
    /// <summary>All done; the result is not written.</summary>
    Finishes,
    /// <summary>Leaves the hypervisor: the old place for softirqs and the scheduler.</summary>
    Leaves,
    /// <summary>In the guest, on the hypercall instruction again, with rewritten arguments.</summary>
    Again,
    /// <summary>In the guest, behind the call.</summary>
    Done,
}

public enum OtherPhase { InGuest, WantsLock, HoldsLock }

public enum RcuObject { Current, Retired, Freed }

/// <summary>All of the system in 16 bytes. One physical CPU, a caller, a vCPU of another domain.</summary>
public readonly record struct PreemptionState(Bits128 Bits)
{
    public const int MaxExtents = 4, MaxAge = 2;

    private static readonly BitLayout Layout = new();
    private static readonly BitField Runs = Layout.Field(2), Scheduling = Layout.Field(2), Phases = Layout.Field(4), Others = Layout.Field(2),
        Indexes = Layout.Field(3), Arguments = Layout.Field(3), Effects = Layout.Array(MaxExtents, 2), Statuses = Layout.Field(1), Tampers = Layout.Field(1),
        Agains = Layout.Field(1), Rescheds = Layout.Field(1), RescheduleAges = Layout.Field(2), GuestIrqs = Layout.Field(1), GuestAges = Layout.Field(2),
        Softirqs = Layout.Field(1), SoftirqAges = Layout.Field(2), Tasks = Layout.Field(1), CallerLocks = Layout.Field(1),
        Objects = Layout.Field(2), Olds = Layout.Field(1), Outs = Layout.Field(1), Nests = Layout.Field(1);

    public OnCpu Running { get => (OnCpu)Bits[Runs]; init => Bits = Bits.With(Runs, (int)value); }
    /// <summary>Who is scheduled next, while the scheduler is at it; null otherwise.</summary>
    public OnCpu? SwitchingTo
    {
        get => Bits[Scheduling] == 0 ? null : (OnCpu)(Bits[Scheduling] - 1);
        init => Bits = Bits.With(Scheduling, value is { } to ? (int)to + 1 : 0);
    }
    public CallerPhase Phase { get => (CallerPhase)Bits[Phases]; init => Bits = Bits.With(Phases, (int)value); }
    public OtherPhase Other { get => (OtherPhase)Bits[Others]; init => Bits = Bits.With(Others, (int)value); }
    /// <summary>The extent that is next, inside the hypervisor.</summary>
    public int Index { get => Bits[Indexes]; init => Bits = Bits.With(Indexes, value); }
    /// <summary>The same as the guest holds it in the call's arguments.</summary>
    public int Argument { get => Bits[Arguments]; init => Bits = Bits.With(Arguments, value); }
    /// <summary>How often an extent took effect, 2 for more.</summary>
    public int Effect(int extent) => Bits[Effects[extent]];
    public PreemptionState WithEffect(int extent) => new(Bits.With(Effects[extent], Math.Min(Effect(extent) + 1, 2)));
    /// <summary>The result was written to the guest.</summary>
    public bool HasStatus { get => Bits.Has(Statuses); init => Bits = Bits.With(Statuses, value); }
    /// <summary>The guest changed the arguments of its continuation: its result is its own affair.</summary>
    public bool Tampered { get => Bits.Has(Tampers); init => Bits = Bits.With(Tampers, value); }
    /// <summary>On leaving: the guest's program counter was moved back.</summary>
    public bool WillRepeat { get => Bits.Has(Agains); init => Bits = Bits.With(Agains, value); }

    /// <summary>Somebody else should run.</summary>
    public bool Reschedule { get => Bits.Has(Rescheds); init => Bits = Bits.With(Rescheds, value).With(RescheduleAges, 0); }
    /// <summary>Extents done since then, at most <see cref="MaxAge"/>; the same for the two below.</summary>
    public int RescheduleAge => Bits[RescheduleAges];
    /// <summary>The calling guest has an interrupt, say its timer's, that it has not seen.</summary>
    public bool GuestInterrupt { get => Bits.Has(GuestIrqs); init => Bits = Bits.With(GuestIrqs, value).With(GuestAges, 0); }
    public int GuestAge => Bits[GuestAges];
    public bool Softirq { get => Bits.Has(Softirqs); init => Bits = Bits.With(Softirqs, value).With(SoftirqAges, 0); }
    public int SoftirqAge => Bits[SoftirqAges];
    /// <summary>The hypervisor has work for the other domain.</summary>
    public bool Task { get => Bits.Has(Tasks); init => Bits = Bits.With(Tasks, value); }

    public bool CallerHoldsLock { get => Bits.Has(CallerLocks); init => Bits = Bits.With(CallerLocks, value); }
    public RcuObject Object { get => (RcuObject)Bits[Objects]; init => Bits = Bits.With(Objects, (int)value); }
    /// <summary>The caller's read side has a pointer to the object that was current at first.</summary>
    public bool ReadsOld { get => Bits.Has(Olds); init => Bits = Bits.With(Olds, value); }
    public bool OutOfBounds { get => Bits.Has(Outs); init => Bits = Bits.With(Outs, value); }
    /// <summary>The scheduler was entered while it was at it.</summary>
    public bool Nested { get => Bits.Has(Nests); init => Bits = Bits.With(Nests, value); }

    /// <summary>One more extent is done: whatever is pending is that much older.</summary>
    public PreemptionState Aged() => new(Bits
        .With(RescheduleAges, Reschedule ? Math.Min(RescheduleAge + 1, MaxAge) : 0)
        .With(GuestAges, GuestInterrupt ? Math.Min(GuestAge + 1, MaxAge) : 0)
        .With(SoftirqAges, Softirq ? Math.Min(SoftirqAge + 1, MaxAge) : 0));

    public bool CallerIsInXen => Phase is not (CallerPhase.Before or CallerPhase.Again or CallerPhase.Done);
}
