using HvLab.GuestAgents.Payloads.Kvm;
using HvLab.Probes.Native.Kvm;
using HvLab.Probes.Native.Linux;
using HvLab.Reference;
using HvLab.Reference.Kvm;
using static HvLab.Reference.Kvm.AsyncPfSeen;

namespace HvLab.Probes.Kvm.AsyncPf;

/// <summary>Drives one real VM through asynchronous page faults and reports what it sees. It knows no expected answer.</summary>
internal sealed class AsyncPfProbe : IAsyncPf<AsyncPfSeen>, IDisposable
{
    private readonly ProbeBounds _bounds;
    private readonly Pager _pager;
    private readonly Leftovers? _before;
    private readonly Observer _observer;
    private readonly GuestVcpu[] _vcpus;
    private readonly HashSet<Gfn> _present = [];
    private readonly VmClosing _closing = new();
    private bool _slotRemoved;
    private bool _moved;
    private bool _destroyed;

    /// <param name="machine">The probe's own until <see cref="TryLeave"/> or <see cref="Dispose"/>.</param>
    /// <param name="before">What was in use before the machine was made, where the plan asks what is left of it.</param>
    public AsyncPfProbe(Machine machine, int vcpus, Leftovers? before, ProbeBounds bounds)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(vcpus, AsyncPfMemoryMap.Vcpus);
        (Machine, _pager, _before, _bounds) = (machine, machine.Pager, before, bounds);
        _observer = new(machine.Changed, _pager, bounds);
        _vcpus = [.. Enumerable.Range(0, vcpus).Select(NewVcpu)];
    }

    public Machine Machine { get; }

    public AsyncPfSeen WriteMsr(VcpuId vcpu, AsyncPfMsr msr, ulong value)
    {
        if (!TryRest(vcpu, out var cpu))
            return new Refused();
        var areaBefore = cpu.SharedArea;
        var enables = msr == AsyncPfMsr.Enable && (value & AsyncPfEnable.Enabled) != 0;
        if (enables)
            SetSharedArea(cpu, value & AsyncPfEnable.AddressMask);
        cpu.Call(AsyncPfPayload.Shared.WriteMsr, (uint)msr, value);
        var seen = Observe(cpu, Pending.WriteMsr);
        if (enables && seen is GeneralProtection)
            SetSharedArea(cpu, areaBefore);
        else if (enables && cpu.SharedArea != areaBefore)
            cpu.Told = false;
        return seen;
    }

    public AsyncPfSeen ReadMsr(VcpuId vcpu, AsyncPfMsr msr)
    {
        if (!TryRest(vcpu, out var cpu))
            return new Refused();
        cpu.Call(AsyncPfPayload.Shared.ReadMsr, (uint)msr);
        return Observe(cpu, Pending.ReadMsr);
    }

    public AsyncPfSeen Touch(VcpuId vcpu, Gfn page, Access access, GuestMode mode)
    {
        if (!TryRest(vcpu, out var cpu) || !IsPaged(page))
            return new Refused();
        var payload = AsyncPfPayload.Shared;
        var routine = access switch { Access.Read => payload.Read, Access.Write => payload.Write, _ => payload.Fetch };
        var word = ~Pager.WordOf(page);
        cpu.Page = page;
        if (mode.User)
            cpu.CallUser(payload.EnterUser, routine, page.Start.Value, word, mode.Interrupts);
        else
            cpu.Call(routine, page.Start.Value, word, mode.Interrupts);
        return Observe(cpu, Pending.Touch);
    }

    public AsyncPfSeen Halt(VcpuId vcpu)
    {
        if (!TryRest(vcpu, out var cpu))
            return new Refused();
        cpu.Call(AsyncPfPayload.Shared.Halt, interrupts: true);
        return Observe(cpu, Pending.Halt);
    }

    public AsyncPfSeen Poll(VcpuId vcpu)
    {
        if (!TryRest(vcpu, out var cpu))
            return new Refused();
        cpu.Call(AsyncPfPayload.Shared.Poll, (ulong)_bounds.PollExits, interrupts: true);
        return Observe(cpu, Pending.Poll);
    }

    public AsyncPfSeen Idle(VcpuId vcpu)
    {
        if (!TryRest(vcpu, out var cpu))
            return new Refused();
        cpu.Call(AsyncPfPayload.Shared.Halt, interrupts: true);
        return Observe(cpu, Pending.Idle);
    }

    public AsyncPfSeen Await(VcpuId vcpu)
    {
        if (_destroyed || vcpu.Value >= _vcpus.Length || _vcpus[vcpu.Value] is not { Pending: not Pending.Nothing } cpu)
            return new Refused();
        if (cpu.Suspended is not null)
            cpu.ReturnFromHandler();
        return Observe(cpu, cpu.Pending, goesOn: true);
    }

    public AsyncPfSeen Acknowledge(VcpuId vcpu)
    {
        if (_destroyed || vcpu.Value >= _vcpus.Length || !SharedAreaIsThere(_vcpus[vcpu.Value]))
            return new Refused();
        var cpu = _vcpus[vcpu.Value];
        if (cpu.Pending != Pending.Nothing && cpu.Suspended is null)
            return new Refused();
        var interrupted = cpu.Pending;
        cpu.Call(AsyncPfPayload.Shared.Acknowledge, cpu.Told ? 1ul : 0);
        cpu.Told = false;
        var seen = Observe(cpu, Pending.Plain);
        cpu.Pending = interrupted;
        return seen;
    }

    public AsyncPfSeen SetLapic(VcpuId vcpu, Lapic state)
    {
        if (!TryRest(vcpu, out var cpu))
            return new Refused();
        var payload = AsyncPfPayload.Shared;
        cpu.Call(state switch { Lapic.On => payload.LapicOn, Lapic.SoftwareOff => payload.LapicSoftwareOff, _ => payload.LapicHardwareOff });
        return Observe(cpu, Pending.Plain);
    }

    public AsyncPfSeen AwaitRequest(Gfn page) =>
        !IsPaged(page) || _present.Contains(page) ? new Refused()
        : _observer.WaitForRequest(page) ? new Requested()
        : new NotAsked();

    public AsyncPfSeen Supply(Gfn page)
    {
        var answer = AwaitRequest(page);
        if (answer is not Requested)
            return answer;
        _present.Add(page);
        _pager.Supply(page, zeroed: _vcpus.Any(vcpu => vcpu.SharedArea != 0 && new Gpa(vcpu.SharedArea).Page == page));
        return new Supplied();
    }

    public AsyncPfSeen Evict(Gfn page)
    {
        if (_destroyed || !_present.Contains(page) || _vcpus.Any(vcpu => vcpu.Pending != Pending.Nothing))
            return new Refused();
        _present.Remove(page);
        _pager.Evict(page);
        return new Done();
    }

    public AsyncPfSeen RemoveMemslot()
    {
        if (_destroyed || _slotRemoved || _vcpus.Any(vcpu => vcpu.Pending != Pending.Nothing || IsPaged(new Gpa(vcpu.SharedArea).Page)))
            return new Refused();
        _slotRemoved = true;
        GuestMemory.RemovePagedSlot(Machine.Vm);
        return new Done();
    }

    public AsyncPfSeen MoveToNewVm()
    {
        if (_slotRemoved || _vcpus.Length != 1 || !TryRest(new(0), out var cpu) || !SharedAreaIsThere(cpu))
            return new Refused();
        _moved = true;
        var (oldVm, oldVcpu) = (Machine.Vm, cpu.Thread.Vcpu);
        var (sregs, lapic, mp) = (oldVcpu.Sregs, oldVcpu.Lapic, oldVcpu.MpState);
        var (interrupt, enable) = (oldVcpu.GetMsr((uint)AsyncPfMsr.Interrupt), oldVcpu.GetMsr((uint)AsyncPfMsr.Enable));
        Machine.Vm = Machine.NewVm();
        var vcpu = Machine.Vm.CreateVcpu(0);
        vcpu.Sregs = sregs;
        vcpu.Lapic = lapic;
        vcpu.MpState = mp;
        vcpu.SetMsr((uint)AsyncPfMsr.Interrupt, interrupt);
        vcpu.SetMsr((uint)AsyncPfMsr.Enable, enable);
        cpu.Thread.Vcpu = vcpu;
        _closing.Begin([], [oldVcpu, oldVm]);
        return new Done();
    }

    public AsyncPfSeen DestroyVm()
    {
        if (_destroyed)
            return new Refused();
        _destroyed = true;
        BeginClosing();
        return _closing.IsOverOrStalled(_pager, _bounds) ? Count() : new Stalled();
    }

    public AsyncPfSeen AwaitDestroyed() =>
        !_destroyed || _closing.Counted ? new Refused()
        : _closing.WaitUntilOver(_bounds) ? Count()
        : new Nothing();

    /// <summary>
    /// Leaves the machine as the next plan may find it: this plan's vCPUs have ended and have nothing outstanding, memory is
    /// as it was at first. False where the plan did something to the VM itself or ended half-way: then only
    /// <see cref="Dispose"/> is left.
    /// </summary>
    public bool TryLeave()
    {
        if (_destroyed || _moved || _slotRemoved || _vcpus.Any(vcpu => vcpu.Pending != Pending.Nothing))
            return false;
        try
        {
            _pager.Release(); // workers that still wait get zeros, which nobody will see
            foreach (var vcpu in _vcpus)
            {
                vcpu.Thread.Dispose();
                vcpu.Thread.Vcpu.SetMsr((uint)AsyncPfMsr.Enable, 0); // returns when none of its workers is left
            }
            Machine.Renew();
        }
        catch (NativeCallException)
        {
            return false; // what it refuses now it would refuse the next plan
        }
        foreach (var vcpu in _vcpus)
            vcpu.Thread.Vcpu.Dispose();
        return true;
    }

    /// <summary>Ends the VM, whatever state it is in. Blocks until nothing of it is left.</summary>
    public void Dispose()
    {
        _pager.Release();
        if (!_destroyed)
            BeginClosing();
        _closing.Dispose();
        Machine.Dispose();
    }

    private void BeginClosing() =>
        _closing.Begin([.. _vcpus.Select(vcpu => vcpu.Thread)], [.. _vcpus.Select(vcpu => (IDisposable)vcpu.Thread.Vcpu), Machine.Vm]);

    private Destroyed Count()
    {
        _closing.Counted = true;
        return (_before ?? throw new InvalidOperationException("A plan that destroys its VM runs alone.")).Settle(_bounds);
    }

    private AsyncPfSeen Observe(GuestVcpu cpu, Pending pending, bool goesOn = false)
    {
        cpu.Pending = pending;
        var seen = _observer.Observe(cpu, goesOn);
        switch (seen)
        {
            case Ready when pending == Pending.Touch: // the access goes on when the handler returns
                cpu.Told = true;
                break;
            case Ready:
                cpu.Told = true;
                cpu.Suspended = null;
                cpu.Pending = Pending.Nothing;
                break;
            case Asleep or AsyncPfSeen.AtPager or Stalled or Nothing or Spinning:
                break;
            default:
                cpu.Suspended = pending == Pending.Plain ? cpu.Suspended : null;
                cpu.Pending = Pending.Nothing;
                break;
        }
        return seen;
    }

    private bool TryRest(VcpuId id, out GuestVcpu cpu)
    {
        cpu = id.Value < _vcpus.Length ? _vcpus[id.Value] : null!;
        return !_destroyed && cpu is { Pending: Pending.Nothing };
    }

    private GuestVcpu NewVcpu(int index) => new(index, new(Machine.NewVcpu(index), Machine.Changed, HostCpu.Of(index)));

    private void SetSharedArea(GuestVcpu cpu, ulong address)
    {
        cpu.SharedArea = address;
        Machine.Memory.Write(AsyncPfMemoryMap.PerVcpu(cpu.Index), address);
    }

    private bool SharedAreaIsThere(GuestVcpu cpu) =>
        !IsPaged(new Gpa(cpu.SharedArea).Page) || _present.Contains(new Gpa(cpu.SharedArea).Page);

    private static bool IsPaged(Gfn page) => page.Value - AsyncPfGuest.FirstPaged.Value < AsyncPfGuest.PagedCount;
}
