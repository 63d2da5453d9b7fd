using HvLab.GuestAgents.Payloads.Kvm;
using HvLab.Probes.Native.Kvm;
using HvLab.Reference;
using HvLab.Reference.Kvm;
using static HvLab.Reference.Kvm.AsyncPfSeen;

namespace HvLab.Probes.Kvm.AsyncPf;

/// <summary>Drives one real VM through asynchronous page faults and reports what it sees. It knows no expected answer.</summary>
public sealed class AsyncPfProbe : IAsyncPf<AsyncPfSeen>, IDisposable
{
    private readonly object _changed = new();
    private readonly ProbeBounds _bounds;
    private readonly KvmSystem _kvm;
    private readonly GuestMemory _memory;
    private readonly Pager _pager;
    private readonly Leftovers _before;
    private readonly Observer _observer;
    private readonly GuestVcpu[] _vcpus;
    private readonly HashSet<Gfn> _present = [];
    private readonly VmClosing _closing = new();
    private KvmVm _vm;
    private bool _slotRemoved;
    private bool _destroyed;

    /// <param name="countLeftovers">True where the plan destroys its VM and so asks what is left: counting takes milliseconds.</param>
    public AsyncPfProbe(KvmSystem kvm, int vcpus, bool countLeftovers, ProbeBounds bounds)
    {
        ArgumentNullException.ThrowIfNull(kvm);
        ArgumentNullException.ThrowIfNull(bounds);
        (_kvm, _bounds) = (kvm, bounds);
        _memory = new(vcpus);
        _pager = new(_memory.Paged, _changed);
        if (countLeftovers)
            _before = Leftovers.CountNow();
        _vm = NewVm();
        _observer = new(_changed, _pager, bounds);
        _vcpus = [.. Enumerable.Range(0, vcpus).Select(NewVcpu)];
        foreach (var vcpu in _vcpus)
            if (SetLapic(new(vcpu.Index), Lapic.On) is not Done)
                throw new UnexpectedExitException("a fault while it switched its LAPIC on");
    }

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
        GuestMemory.RemovePagedSlot(_vm);
        return new Done();
    }

    public AsyncPfSeen MoveToNewVm()
    {
        if (_slotRemoved || _vcpus.Length != 1 || !TryRest(new(0), out var cpu) || !SharedAreaIsThere(cpu))
            return new Refused();
        var (oldVm, oldVcpu) = (_vm, cpu.Thread.Vcpu);
        var (sregs, lapic, mp) = (oldVcpu.Sregs, oldVcpu.Lapic, oldVcpu.MpState);
        var (interrupt, enable) = (oldVcpu.GetMsr((uint)AsyncPfMsr.Interrupt), oldVcpu.GetMsr((uint)AsyncPfMsr.Enable));
        _vm = NewVm();
        var vcpu = _vm.CreateVcpu(0);
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
        return _closing.IsOverOrStalled(_bounds) ? Count() : new Stalled();
    }

    public AsyncPfSeen AwaitDestroyed() =>
        !_destroyed || _closing.Counted ? new Refused()
        : _closing.WaitUntilOver(_bounds) ? Count()
        : new Nothing();

    /// <summary>Ends the VM, whatever state it is in. Blocks until nothing of it is left.</summary>
    public void Dispose()
    {
        _pager.Release();
        if (!_destroyed)
            BeginClosing();
        _closing.Dispose();
        _pager.Dispose();
        _memory.Dispose();
    }

    private void BeginClosing() =>
        _closing.Begin([.. _vcpus.Select(vcpu => vcpu.Thread)], [.. _vcpus.Select(vcpu => (IDisposable)vcpu.Thread.Vcpu), _vm]);

    private Destroyed Count()
    {
        _closing.Counted = true;
        return Leftovers.SettleSince(_before, _bounds);
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

    private KvmVm NewVm()
    {
        var vm = _kvm.CreateVm();
        vm.CreateIrqChip();
        _memory.AttachTo(vm);
        return vm;
    }

    private GuestVcpu NewVcpu(int index)
    {
        const uint runnable = 0;
        var vcpu = _vm.CreateVcpu(index);
        vcpu.Sregs = GuestMemory.InitialState(vcpu.Sregs, index);
        vcpu.MpState = runnable;
        return new(index, new(vcpu, _changed));
    }

    private void SetSharedArea(GuestVcpu cpu, ulong address)
    {
        cpu.SharedArea = address;
        _memory.Write(AsyncPfMemoryMap.PerVcpu(cpu.Index), address);
    }

    private bool SharedAreaIsThere(GuestVcpu cpu) =>
        !IsPaged(new Gpa(cpu.SharedArea).Page) || _present.Contains(new Gpa(cpu.SharedArea).Page);

    private static bool IsPaged(Gfn page) => page.Value - AsyncPfGuest.FirstPaged.Value < AsyncPfGuest.PagedCount;
}
