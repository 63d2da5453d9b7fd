using HvLab.Reference.Models.Exploration;

namespace HvLab.Reference.Models.Xen.P2mWaitQueue;

/// <summary>Where a guest vCPU is on its way through a hypercall that translates a gfn.</summary>
public enum VcpuPhase
{
    /// <summary>In the guest, or not scheduled: holds no physical CPU that anybody could need.</summary>
    Out,
    /// <summary>Wants the outer lock, a spin lock: stays on its physical CPU until it has it.</summary>
    SpinsForOuter,
    /// <summary>Wants the outer lock, a sleeping one: gives its physical CPU up if somebody has it.</summary>
    WantsOuter,
    /// <summary>Sleeps until the outer lock is free; only where that is a sleeping lock.</summary>
    WaitsForOuter,
    /// <summary>Wants the p2m lock: spins.</summary>
    WantsP2m,
    /// <summary>Holds the p2m lock and looks the gfn up.</summary>
    Looks,
    /// <summary>On the wait queue but still on its physical CPU.</summary>
    GoesToSleep,
    Asleep,
    /// <summary>Woken, without a physical CPU.</summary>
    Ready,
    /// <summary>Out of the p2m with an mfn.</summary>
    Uses,
    /// <summary>Has its mfn and now wants the outer lock; only where translations come first.</summary>
    UsesAndWantsOuter,
    /// <summary>Unwinds after an error.</summary>
    Unwinds,
    /// <summary>Unwinds after an error that says "try again".</summary>
    UnwindsToRetry,
}

public enum GfnState { Present, PagedOut, Requested, Shared }

public enum ServicePhase
{
    Idle,
    /// <summary>On a physical CPU, about to make a page for the request.</summary>
    Serves,
    /// <summary>Has a frame and wants the outer lock to fix up; no sound design has it.</summary>
    WantsOuter,
    /// <summary>Has a frame and wants the p2m lock to fix up.</summary>
    WantsP2m,
    /// <summary>Asleep on a wait queue itself; no sound design has it.</summary>
    Asleep,
}

/// <summary>All of the system in 16 bytes.</summary>
public readonly record struct P2mState(Bits128 Bits)
{
    public const int MaxVcpus = 3, MaxPcpus = 3, MaxFree = 2, NoPcpu = 3, NoOwner = 0;

    private static readonly BitLayout Layout = new();
    private static readonly BitField Phases = Layout.Array(MaxVcpus, 4), Homes = Layout.Array(MaxVcpus, 2),
        Gfns = Layout.Array(MaxVcpus, 1), NeedsOuters = Layout.Array(MaxVcpus, 1), Refs = Layout.Array(MaxVcpus, 1),
        Pages = Layout.Array(2, 2), Outer = Layout.Field(3), P2m = Layout.Field(3), Service = Layout.Field(3), ServicePcpus = Layout.Field(2),
        Frames = Layout.Field(2), Tell = Layout.Field(1), Told = Layout.Field(1), Destroy = Layout.Field(2), Bug = Layout.Field(1), Self = Layout.Field(1);

    public VcpuPhase Phase(int vcpu) => (VcpuPhase)Bits[Phases[vcpu]];
    public P2mState WithPhase(int vcpu, VcpuPhase phase) => new(Bits.With(Phases[vcpu], (int)phase));

    /// <summary>The physical CPU that the vCPU is on, or was on when it went to sleep; <see cref="NoPcpu"/> for none.</summary>
    public int Home(int vcpu) => Bits[Homes[vcpu]];
    public P2mState WithHome(int vcpu, int pcpu) => new(Bits.With(Homes[vcpu], pcpu));

    /// <summary>What the vCPU translates: gfn 0 is under the pager, gfn 1 may be shared.</summary>
    public int Gfn(int vcpu) => Bits[Gfns[vcpu]];
    public bool NeedsOuter(int vcpu) => Bits.Has(NeedsOuters[vcpu]);
    public P2mState Asking(int vcpu, int gfn, bool needsOuter) => new(Bits.With(Gfns[vcpu], gfn).With(NeedsOuters[vcpu], needsOuter));

    public bool HasRef(int vcpu) => Bits.Has(Refs[vcpu]);
    public P2mState WithRef(int vcpu, bool has) => new(Bits.With(Refs[vcpu], has));

    public GfnState Page(int gfn) => (GfnState)Bits[Pages[gfn]];
    public P2mState WithPage(int gfn, GfnState state) => new(Bits.With(Pages[gfn], (int)state));

    /// <summary>vCPU number + 1, or <see cref="NoOwner"/>; the service's vCPU is number <see cref="MaxVcpus"/>.</summary>
    public int OuterOwner { get => Bits[Outer]; init => Bits = Bits.With(Outer, value); }
    public int P2mOwner { get => Bits[P2m]; init => Bits = Bits.With(P2m, value); }
    public ServicePhase ServiceNow { get => (ServicePhase)Bits[Service]; init => Bits = Bits.With(Service, (int)value); }
    public int ServicePcpu { get => Bits[ServicePcpus]; init => Bits = Bits.With(ServicePcpus, value); }
    public int Free { get => Bits[Frames]; init => Bits = Bits.With(Frames, value); }
    /// <summary>The toolstack has an ENOMEM notification that it has not acted on.</summary>
    public bool Notified { get => Bits.Has(Tell); init => Bits = Bits.With(Tell, value); }
    public bool EverNotified { get => Bits.Has(Told); init => Bits = Bits.With(Told, value); }
    public bool Dying { get => Bits[Destroy] == 2; init => Bits = Bits.With(Destroy, value ? 2 : 0); }
    /// <summary>Destruction has woken everybody and has not set its flag yet; no sound design has it.</summary>
    public bool AboutToDie { get => Bits[Destroy] == 1; init => Bits = Bits.With(Destroy, value ? 1 : 0); }
    public bool Crashed { get => Bits.Has(Bug); init => Bits = Bits.With(Bug, value); }
    /// <summary>vCPU 0 of the domain is also its pager's; the same in all states of a system.</summary>
    public bool PagesItself { get => Bits.Has(Self); init => Bits = Bits.With(Self, value); }

    public bool IsOn(int vcpu) => Phase(vcpu) is not (VcpuPhase.Out or VcpuPhase.WaitsForOuter or VcpuPhase.Asleep or VcpuPhase.Ready);
    public bool IsWaiting(int vcpu) => Phase(vcpu) is VcpuPhase.WaitsForOuter or VcpuPhase.Asleep or VcpuPhase.Ready;

    public bool IsPcpuFree(int pcpu)
    {
        for (var vcpu = 0; vcpu < MaxVcpus; vcpu++)
            if (IsOn(vcpu) && Home(vcpu) == pcpu)
                return false;
        return ServicePcpu != pcpu;
    }

    public bool IsReferenced(int gfn)
    {
        for (var vcpu = 0; vcpu < MaxVcpus; vcpu++)
            if (HasRef(vcpu) && Gfn(vcpu) == gfn)
                return true;
        return false;
    }
}
