using HvLab.Reference.Kvm;
using static HvLab.Reference.Kvm.AsyncPfSeen;

namespace HvLab.Reference.Models.Kvm;

using Allowed = Allowed<AsyncPfModel, AsyncPfSeen>;

// What a running guest may meet: accesses, halts, and the READY interrupt in the middle of them.
public sealed partial record AsyncPfModel
{
    public Allowed Touch(VcpuId vcpu, Gfn page, Access access, GuestMode mode) =>
        TryRest(vcpu, out var cpu) && Setup.IsPaged(page)
            ? Run(vcpu, cpu with { Now = new(ActivityKind.Touching, page, access, mode) }, resumed: false)
            : Refuse;

    public Allowed Halt(VcpuId vcpu) =>
        TryRest(vcpu, out var cpu) ? Run(vcpu, cpu with { Now = new(ActivityKind.Halted) }, resumed: false) : Refuse;

    // Idling hides sleeping and waking without an interrupt: it is as if the vCPU had been left inside KVM.
    public Allowed Idle(VcpuId vcpu) =>
        TryRest(vcpu, out var cpu) ? Run(vcpu, cpu with { Now = new(ActivityKind.Idling) }, resumed: true) : Refuse;

    public Allowed Poll(VcpuId vcpu) =>
        TryRest(vcpu, out var cpu) ? Run(vcpu, cpu with { Now = new(ActivityKind.Polling) }, resumed: false) : Refuse;

    public Allowed Await(VcpuId vcpu)
    {
        if (Life != VmLife.Alive || vcpu.Value >= Vcpus.Count || Vcpus[vcpu.Value] is not { AtRest: false } cpu)
            return Refuse;
        if (cpu.AtPager is { } page && !IsPresent(page))
            return Allowed.Only(new Nothing(), this, AsyncPfRules.Synchronous);
        return Run(vcpu, cpu with { AtPager = null, InHandler = false }, resumed: !cpu.InHandler && cpu.AtPager is null);
    }

    /// <param name="resumed">True where the vCPU was left inside KVM: it may also stay there, if nothing is to wake it.</param>
    private Allowed Run(VcpuId id, AsyncPfVcpu cpu, bool resumed)
    {
        var allowed = Allowed.None;
        if (MustLookAtMissingSlot(cpu))
            // Looking at the slot, and filling it, are accesses to guest memory by the vCPU's own thread.
            allowed.Or(new AtPager(cpu.SharedPage), With(id, cpu with { AtPager = cpu.SharedPage }), AsyncPfRules.SlotFree);
        else if (cpu.Now.Interruptible)
            Interrupt(allowed, id, cpu);
        switch (cpu.Now.Kind)
        {
            case ActivityKind.Touching:
                var page = cpu.Now.Page;
                if (resumed && !MemslotRemoved && !IsPresent(page) && !(cpu.OwesReady && cpu.Now.Interruptible))
                    MayNotSleep(allowed.Or(new Nothing(), With(id, cpu), AsyncPfRules.ArtificialHalt), id, cpu);
                AccessPage(allowed, id, cpu, page);
                break;
            case ActivityKind.Halted:
                allowed.OrIf(cpu.HasArriving || cpu.Latched.Count > 0, new Woke(), AtRest(id, cpu), AsyncPfRules.DoneWakes);
                if (resumed)
                    allowed.OrIf(!cpu.OwesReady, new Nothing(), With(id, cpu));
                else
                    allowed.Or(new Asleep(), With(id, cpu));
                break;
            case ActivityKind.Idling:
                allowed.OrIf(!cpu.OwesReady, new Nothing(), With(id, cpu));
                MayNotSleep(allowed, id, cpu);
                break;
            case ActivityKind.Polling:
                allowed.Or(new NoInterrupt(), AtRest(id, cpu));
                break;
            case ActivityKind.Answering:
                allowed.Or(cpu.Now.Answer!, AtRest(id, cpu));
                break;
            case ActivityKind.Disabling:
                var worker = WorkerOf(cpu);
                allowed.OrIf(worker != FaultStage.Asked, new Done(),
                    With(id, cpu with { Now = Activity.Rest, Faults = [], WakeAll = WakeAll.None }), AsyncPfRules.CancelOutstanding);
                allowed.OrIf(worker != FaultStage.Arriving, new Nothing(), With(id, cpu), AsyncPfRules.WaitsForWorker);
                break;
        }
        return allowed;
    }

    private AsyncPfModel AtRest(VcpuId id, AsyncPfVcpu cpu) => With(id, cpu with { Now = Activity.Rest, AtPager = null, InHandler = false });

    /// <summary>READY instead of, or before, what the guest does.</summary>
    private void Interrupt(Allowed allowed, VcpuId id, AsyncPfVcpu cpu)
    {
        var vector = new Vector(cpu.Vector);
        var canDequeue = !cpu.AreaRefused && (cpu.Enabled || Has(AsyncPfDefect.DisabledStillDelivers))
            && (cpu.Lapic == Lapic.On || Has(AsyncPfDefect.LapicOffDelivers))
            && (cpu.Held == Token.None || Has(AsyncPfDefect.ReadyIgnoresSlot));

        // From the handler, an interrupted access goes on; HLT and polling have had their answer.
        var after = cpu with { Now = cpu.Now.Kind == ActivityKind.Touching ? cpu.Now : Activity.Rest, InHandler = cpu.Now.Kind == ActivityKind.Touching };

        if (canDequeue && cpu.WakeAll != WakeAll.None)
            allowed.Or(new Ready(Token.Broadcast, vector), With(id, after with { WakeAll = WakeAll.None, Held = Token.Broadcast, Latched = [] }), AsyncPfRules.Broadcast);

        if (canDequeue && FirstArriving(cpu) is { } first)
            allowed.OrAny(() => new Ready(first, vector), seen => ReadyFor(id, cpu, after, vector, seen), AsyncPfRules.Ready);

        if (cpu.Lapic == Lapic.On && cpu.Held == Token.None)
            foreach (var token in cpu.Latched)
                allowed.Or(new Ready(token, vector), With(id, after with { Latched = [], Held = token }), AsyncPfRules.Disabled);
    }

    private Token? FirstArriving(AsyncPfVcpu cpu)
    {
        foreach (ref readonly var fault in cpu.Faults.AsSpan())
            if (fault.Told && (fault.Arriving || Has(AsyncPfDefect.ReadyBeforePage)))
                return fault.Token;
        return null;
    }

    private AsyncPfModel? ReadyFor(VcpuId id, AsyncPfVcpu cpu, AsyncPfVcpu after, Vector vector, AsyncPfSeen seen)
    {
        if (seen is not Ready ready || ready.Vector != vector)
            return null;
        var faults = cpu.Faults.AsSpan();
        for (var index = 0; index < faults.Length; index++)
            if (faults[index].Told && faults[index].Token == ready.Token && (faults[index].Arriving || Has(AsyncPfDefect.ReadyBeforePage)))
                return With(id, after with
                {
                    Faults = Has(AsyncPfDefect.ReadyTwice) ? cpu.Faults
                        : Has(AsyncPfDefect.ReadyLostBehindAnother) ? cpu.Faults.Where(fault => !fault.Arriving)
                        : cpu.Faults.RemoveAt(index),
                    Held = ready.Token,
                    Latched = [],
                });
        return null;
    }

    private void AccessPage(Allowed allowed, VcpuId id, AsyncPfVcpu cpu, Gfn page)
    {
        if (MemslotRemoved)
        {
            allowed.Or(new Mmio(), AtRest(id, cpu));
            return;
        }
        if (IsPresent(page))
        {
            allowed.Or(new Completed(), AtRest(id, Dequeued(cpu)), AsyncPfRules.RetryFindsPage);
            return;
        }
        if (!cpu.Now.Mode.Interrupts && !Has(AsyncPfDefect.MaskedFaultIsAsynchronous))
        {
            allowed.Or(new AtPager(page), With(id, cpu with { AtPager = page }), AsyncPfRules.Masked);
            return;
        }
        var waits = cpu.WaitsFor(page);
        if (waits || cpu.HasArrived(page))
            MayNotSleep(allowed.Or(new Asleep(), With(id, cpu), AsyncPfRules.RepeatedFault), id, cpu);
        if (waits)
            return;
        var (least, most) = cpu.Queued;
        var bound = Setup.PerVcpuBound + (Has(AsyncPfDefect.BoundOffByOne) ? 1 : 0);
        allowed.OrIf(most >= bound, new AtPager(page), With(id, cpu with { AtPager = page }), AsyncPfRules.PerVcpuBound);
        if (least < bound)
            StartAsynchronous(allowed, id, cpu, page);
    }

    private void StartAsynchronous(Allowed allowed, VcpuId id, AsyncPfVcpu cpu, Gfn page)
    {
        // KVM keeps one fault for a page: an earlier one that arrived untold is gone, or this one would be a repetition.
        var faults = cpu.WithoutSilent(page);
        var tell = cpu.Enabled && !cpu.AreaRefused && (cpu.SendAlways || cpu.Now.Mode.User || Has(AsyncPfDefect.SendAlwaysIgnored));
        if (!tell)
            Sleep(allowed, id, cpu with { Faults = faults.Add(new(page, Token.None, FaultStage.Started)) });
        else if (!HasSharedPage(cpu))
            allowed.Or(new AtPager(cpu.SharedPage), With(id, cpu with { AtPager = cpu.SharedPage }), AsyncPfRules.NotPresent);
        else
            allowed.OrAny(() => new NotPresent(FreshToken(id)), seen => Told(id, cpu with { Faults = faults }, page, seen), AsyncPfRules.NotPresent);
    }

    private void Sleep(Allowed allowed, VcpuId id, AsyncPfVcpu cpu) =>
        MayNotSleep(allowed.Or(new Asleep(), With(id, cpu), AsyncPfRules.ArtificialHalt), id, cpu);

    /// <summary>Of a machine with <see cref="AsyncPfQuirks.StuckCompletionKeepsAwake"/>: it spins where it should sleep.</summary>
    private void MayNotSleep(Allowed allowed, VcpuId id, AsyncPfVcpu cpu) =>
        allowed.OrIf(Has(AsyncPfQuirks.StuckCompletionKeepsAwake) && cpu.HasStuckCompletion, new Spinning(0), With(id, cpu));

    private AsyncPfModel? Told(VcpuId id, AsyncPfVcpu cpu, Gfn page, AsyncPfSeen seen) =>
        seen is NotPresent { Token: var token } && IsFresh(token)
            ? AtRest(id, cpu with { Faults = cpu.Faults.Add(new(page, token, FaultStage.Started)) })
            : null;

    private bool IsFresh(Token token)
    {
        if (Has(AsyncPfDefect.ZeroToken) || Has(AsyncPfDefect.TokenReused))
            return true;
        if (token == Token.None || token == Token.Broadcast)
            return false;
        foreach (var cpu in Vcpus.AsSpan())
            if (cpu.IsOutstanding(token))
                return false;
        return true;
    }

    // Any number would do; the smallest free one keeps exploration finite.
    private Token FreshToken(VcpuId id)
    {
        if (Has(AsyncPfDefect.ZeroToken))
            return Token.None;
        for (var sequence = 1u; ; sequence++)
            if (new Token((sequence << 12) | (uint)id.Value) is var token && IsFresh(token))
                return token;
    }

    // The entry that retried the access dequeued what had arrived for it, if it could.
    private static AsyncPfVcpu Dequeued(AsyncPfVcpu cpu) =>
        cpu.Now.Interruptible && (!cpu.Enabled || cpu.CanDequeue) ? cpu with { Faults = cpu.WithoutSilent(cpu.Now.Page) } : cpu;
}
