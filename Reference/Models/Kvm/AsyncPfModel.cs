using HvLab.Reference.Kvm;
using static HvLab.Reference.Kvm.AsyncPfSeen;

namespace HvLab.Reference.Models.Kvm;

using Allowed = Allowed<AsyncPfModel, AsyncPfSeen>;

public enum VmLife { Alive, Ending, Gone }

/// <summary>What stays the same during a scenario.</summary>
/// <param name="FirstPaged">First page of the pager's memory; everything below is always present RAM.</param>
/// <param name="PagedCount">Pages under the pager, at most <see cref="IndexSet.Capacity"/>; RAM ends behind them.</param>
/// <param name="PerVcpuBound">Asynchronous faults that KVM keeps for one vCPU.</param>
/// <param name="Quirks">Deviations that are known of the machine, and allowed.</param>
public sealed record AsyncPfSetup(
    Gfn FirstPaged, int PagedCount, int PerVcpuBound = 64, AsyncPfDefect Defect = AsyncPfDefect.None, AsyncPfQuirks Quirks = AsyncPfQuirks.None)
{
    public bool IsPaged(Gfn page) => page.Value - FirstPaged.Value < (ulong)PagedCount;
    public int IndexOf(Gfn page) => (int)(page.Value - FirstPaged.Value);
    public bool IsRam(Gfn page) => page.Value < FirstPaged.Value + (ulong)PagedCount;
}

/// <summary>The host's side of KVM's asynchronous page faults: "not present" as #PF, "ready" as an interrupt.</summary>
/// <remarks>
/// Out of scope: nested guests and #PF as a vmexit; a guest without an in-kernel LAPIC or with other exceptions pending;
/// pages that miss for another reason than the pager; an interrupt vector below 16, which no LAPIC delivers; a LAPIC that is switched off while a READY interrupt is raised but
/// not taken; when exactly a worker finishes after its page came. READYs may come in any order: no document promises one.
/// </remarks>
public sealed partial record AsyncPfModel : IAsyncPf<Allowed>
{
    public required AsyncPfSetup Setup { get; init; }
    public required ValueList<AsyncPfVcpu> Vcpus { get; init; }
    /// <summary>Pages of the pager's memory that are there, counted from the first.</summary>
    public IndexSet Present { get; init; }
    /// <summary>Pages that workers of a VM that was left behind still ask for.</summary>
    public IndexSet Orphans { get; init; }
    public bool MemslotRemoved { get; init; }
    public VmLife Life { get; init; }

    /// <summary>A VM whose vCPUs have their LAPIC on and everything else as after reset.</summary>
    public static AsyncPfModel AtReset(AsyncPfSetup setup, int vcpus) => new()
    {
        Setup = setup,
        Vcpus = [.. Enumerable.Repeat(new AsyncPfVcpu(), vcpus)],
    };

    private Allowed Refuse => Allowed.Only(new Refused(), this);

    private bool IsPresent(Gfn page) => !Setup.IsPaged(page) || Present.Contains(Setup.IndexOf(page));
    private bool HasSharedPage(AsyncPfVcpu vcpu) => IsPresent(vcpu.SharedPage);
    private AsyncPfModel With(VcpuId id, AsyncPfVcpu vcpu) => this with { Vcpus = Vcpus.Set(id.Value, vcpu) };

    private bool TryRest(VcpuId id, out AsyncPfVcpu vcpu)
    {
        vcpu = id.Value < Vcpus.Count ? Vcpus[id.Value] : null!;
        return Life == VmLife.Alive && vcpu is { AtRest: true };
    }

    public Allowed WriteMsr(VcpuId vcpu, AsyncPfMsr msr, ulong value)
    {
        if (!TryRest(vcpu, out var cpu))
            return Refuse;
        return msr switch
        {
            AsyncPfMsr.Enable => WriteEnable(vcpu, cpu, value),
            AsyncPfMsr.Interrupt when value > 0xff && !Has(AsyncPfDefect.ReservedBitsAccepted) =>
                Allowed.Only(new GeneralProtection(), this, AsyncPfRules.ReservedVectorBits),
            AsyncPfMsr.Interrupt => Answer(vcpu, cpu with { Vector = (byte)value }, new Done()),
            _ => Answer(vcpu, cpu, new Done(), AsyncPfRules.Rescan),
        };
    }

    private Allowed WriteEnable(VcpuId id, AsyncPfVcpu cpu, ulong value)
    {
        if ((value & AsyncPfEnable.Reserved) != 0 && !Has(AsyncPfDefect.ReservedBitsAccepted))
            return Allowed.Only(new GeneralProtection(), this, AsyncPfRules.ReservedBits);

        if (!AsyncPfVcpu.IsEnabled(value))
            return Disable(id, cpu, value);

        if (!Setup.IsRam(new Gpa(value & AsyncPfEnable.AddressMask).Page))
            return Has(AsyncPfQuirks.KeepsRefusedArea) ? KeepRefused(id, cpu, value) : Allowed.Only(new GeneralProtection(),
                Has(AsyncPfDefect.FaultingWriteChangesMsr) ? With(id, cpu with { Enable = value }) : this, AsyncPfRules.AreaInRam);

        var moved = (cpu.Enable & AsyncPfEnable.AddressMask) != (value & AsyncPfEnable.AddressMask);
        var enabled = cpu with
        {
            Enable = value,
            AreaRefused = false,
            Held = moved ? Token.None : cpu.Held,
            // "if (!list_empty_careful(&vcpu->async_pf.done)) return 0;": another completion does instead.
            WakeAll = Has(AsyncPfDefect.BroadcastLost) ? cpu.WakeAll
                : cpu.HasArriving ? (cpu.WakeAll == WakeAll.MustCome ? WakeAll.MustCome : WakeAll.MayCome)
                : WakeAll.MustCome,
        };
        // An earlier wake-all may stand in the slot already, with its interrupt raised since the last entry: then this is another one.
        return Answer(id, enabled, new Done(), AsyncPfRules.Broadcast)
            .OrIf(cpu.CanDequeue && cpu.WakeAll != WakeAll.None && !moved && !Has(AsyncPfDefect.BroadcastLost), new Done(),
                With(id, enabled with { Latched = cpu.Latched.Union(Token.Broadcast), WakeAll = WakeAll.MustCome }), AsyncPfRules.Broadcast);
    }

    // What was ready may have been put into the old area, and its interrupt raised, when the guest was entered last.
    private Allowed KeepRefused(VcpuId id, AsyncPfVcpu cpu, ulong value)
    {
        var kept = cpu with { Enable = value, AreaRefused = true };
        var allowed = Allowed.Only(new GeneralProtection(), With(id, kept), AsyncPfRules.AreaInRam);
        if (!cpu.CanDequeue)
            return allowed;
        allowed.OrIf(cpu.WakeAll != WakeAll.None, new GeneralProtection(), With(id, kept with { WakeAll = WakeAll.None, Latched = cpu.Latched.Union(Token.Broadcast) }), AsyncPfRules.Broadcast);
        for (var index = 0; index < cpu.Faults.Count; index++)
            if (cpu.Faults[index] is { Told: true, Arriving: true } fault)
                allowed.Or(new GeneralProtection(), With(id, kept with { Faults = cpu.Faults.RemoveAt(index), Latched = cpu.Latched.Union(fault.Token) }), AsyncPfRules.Ready);
        return allowed;
    }

    private Allowed Disable(VcpuId id, AsyncPfVcpu cpu, ulong value)
    {
        if (Has(AsyncPfDefect.DisabledStillDelivers))
            return Allowed.Only(new Done(), With(id, cpu with { Enable = value | (cpu.Enable & 9) }));

        var disabled = cpu with { Enable = value, Latched = Latch(cpu) };
        var done = With(id, disabled with { Faults = [], WakeAll = WakeAll.None });
        var waits = With(id, disabled with { Now = new(ActivityKind.Disabling) });
        var worker = WorkerOf(cpu);
        return Allowed.None
            .OrIf(worker != FaultStage.Asked, new Done(), done, AsyncPfRules.CancelOutstanding)
            .OrIf(worker != FaultStage.Arriving, new Stalled(), waits, AsyncPfRules.WaitsForWorker);
    }

    /// <summary>The furthest that a worker of this vCPU can have come without its page: Arriving where there is none.</summary>
    private static FaultStage WorkerOf(AsyncPfVcpu cpu)
    {
        var furthest = FaultStage.Arriving;
        foreach (ref readonly var fault in cpu.Faults.AsSpan())
            if (fault.Stage == FaultStage.Asked)
                return FaultStage.Asked;
            else if (fault.Stage == FaultStage.Started)
                furthest = FaultStage.Started;
        return furthest;
    }

    // KVM may have put one token into the slot, and raised its interrupt, at any earlier entry into the guest.
    private static ValueList<Token> Latch(AsyncPfVcpu cpu)
    {
        if (!cpu.CanDequeue)
            return cpu.Latched;
        var latched = cpu.Latched;
        if (cpu.WakeAll != WakeAll.None)
            latched = latched.Union(Token.Broadcast);
        foreach (ref readonly var fault in cpu.Faults.AsSpan())
            if (fault.Told && fault.Arriving)
                latched = latched.Union(fault.Token);
        return latched;
    }

    public Allowed ReadMsr(VcpuId vcpu, AsyncPfMsr msr) =>
        !TryRest(vcpu, out var cpu)
            ? Refuse
            : Answer(vcpu, cpu, new MsrValue(msr switch
            {
                AsyncPfMsr.Enable => cpu.Enable,
                AsyncPfMsr.Interrupt => cpu.Vector,
                _ => 0,
            }));

    public Allowed Acknowledge(VcpuId vcpu) =>
        !TryAcknowledge(vcpu, out var cpu)
            ? Refuse
            : Allowed.Only(new Done(), With(vcpu, cpu with { Held = Token.None }), AsyncPfRules.Rescan);

    // A READY that interrupted an access is acknowledged from its handler: the access itself goes on later.
    private bool TryAcknowledge(VcpuId id, out AsyncPfVcpu cpu)
    {
        cpu = id.Value < Vcpus.Count ? Vcpus[id.Value] : null!;
        return Life == VmLife.Alive && cpu is not null && HasSharedPage(cpu)
            && (cpu.AtRest || cpu.InHandler);
    }

    public Allowed SetLapic(VcpuId vcpu, Lapic state) =>
        !TryRest(vcpu, out var cpu)
            ? Refuse
            : Answer(vcpu, cpu with { Lapic = state }, new Done(), AsyncPfRules.LapicOn);

    /// <summary>A plain answer; before it, the vCPU's thread may have to look at a slot whose page is missing.</summary>
    private Allowed Answer(VcpuId id, AsyncPfVcpu cpu, AsyncPfSeen answer, Rule? rule = null) =>
        MustLookAtMissingSlot(cpu)
            ? Allowed.Only(answer, With(id, cpu), rule)
                .Or(new AtPager(cpu.SharedPage), With(id, cpu with { AtPager = cpu.SharedPage, Now = new(ActivityKind.Answering, Answer: answer) }), AsyncPfRules.SlotFree)
            : Allowed.Only(answer, With(id, cpu), rule);

    private bool MustLookAtMissingSlot(AsyncPfVcpu cpu) => cpu.CanDequeue && cpu.HasArriving && !HasSharedPage(cpu);

    private bool Has(AsyncPfDefect defect) => Setup.Defect == defect;
    private bool Has(AsyncPfQuirks quirk) => (Setup.Quirks & quirk) != 0;
}
