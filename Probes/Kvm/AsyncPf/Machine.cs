using HvLab.GuestAgents.Payloads.Kvm;
using HvLab.Probes.Native.Kvm;
using HvLab.Probes.Native.Linux;

namespace HvLab.Probes.Kvm.AsyncPf;

/// <summary>
/// A VM with its memory and its pager. All state of asynchronous page faults belongs to a vCPU (struct kvm_vcpu_arch, 'apf',
/// and struct kvm_vcpu, 'async_pf'), so a plan gets vCPUs that nobody used, and the VM around them may serve the next plan:
/// making one and ending it costs an emulated host ten times what a vCPU does.
/// </summary>
internal sealed class Machine : IDisposable
{
    private const int MostVcpus = 64; // KVM gives none back before the VM ends
    private readonly KvmSystem _kvm;
    private KvmVm? _vm;
    private int _nextId;

    public Machine(KvmSystem kvm)
    {
        _kvm = kvm;
        Pager = new(Memory.Paged, Changed);
    }

    /// <summary>Rung whenever a vCPU leaves the guest or somebody asks for a page.</summary>
    public Doorbell Changed { get; } = new();
    public GuestMemory Memory { get; } = new();
    public Pager Pager { get; }
    /// <summary>Made by the first vCPU, replaced where a plan moves its own.</summary>
    public KvmVm Vm
    {
        get => _vm ??= NewVm();
        set => _vm = value;
    }

    /// <summary>Whether there is room for one more plan's vCPUs.</summary>
    public bool HasRoom => _nextId + AsyncPfMemoryMap.Vcpus <= MostVcpus;

    public KvmVm NewVm()
    {
        var vm = _kvm.CreateVm();
        vm.CreateIrqChip();
        Memory.AttachTo(vm);
        return vm;
    }

    /// <param name="index">Which of its plan's vCPUs this is: it decides its place in memory, while KVM's id is never used twice.</param>
    public KvmVcpu NewVcpu(int index)
    {
        const uint runnable = 0, spuriousVector = 0x80f, softwareEnabled = 0x1ff;
        var vcpu = Vm.CreateVcpu(_nextId++);
        vcpu.Sregs = GuestMemory.InitialState(vcpu.Sregs, index);
        vcpu.MpState = runnable;
        vcpu.SetMsr(spuriousVector, softwareEnabled);
        return vcpu;
    }

    /// <summary>Memory as it was at first. No vCPU runs, and none has a fault outstanding.</summary>
    public void Renew()
    {
        Memory.Renew();
        Pager.Renew();
    }

    /// <summary>Ends the VM, where that was not done before, and its memory.</summary>
    public void Dispose()
    {
        _vm?.Dispose();
        Pager.Dispose();
        Memory.Dispose();
    }
}
