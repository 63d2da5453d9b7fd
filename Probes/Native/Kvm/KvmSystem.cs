using HvLab.Probes.Native.Linux;

namespace HvLab.Probes.Native.Kvm;

/// <summary>/dev/kvm: capabilities, CPUID, new VMs.</summary>
public sealed unsafe class KvmSystem : IDisposable
{
    private const int CapSyncRegs = 74, GeneralRegs = 1;
    private readonly FileDescriptor _fd = FileDescriptor.Open("/dev/kvm");
    private readonly byte[] _cpuid;

    public KvmSystem()
    {
        SharesRegs = (Check(CapSyncRegs) & GeneralRegs) != 0;
        RunSize = (nuint)_fd.Require("KVM_GET_VCPU_MMAP_SIZE", 0xAE04);
        _cpuid = ReadSupportedCpuid();
    }

    internal nuint RunSize { get; }

    /// <summary>A vCPU's general registers can be exchanged in struct kvm_run.</summary>
    internal bool SharesRegs { get; }

    /// <summary>struct kvm_cpuid2 with everything that KVM supports.</summary>
    internal ReadOnlySpan<byte> SupportedCpuid => _cpuid;

    public int ApiVersion => _fd.Require("KVM_GET_API_VERSION", 0xAE00);

    /// <summary>KVM_CHECK_EXTENSION: 0 where it is missing.</summary>
    public int Check(int capability) => _fd.Ioctl(0xAE03, capability);

    /// <summary>EAX of leaf 0x40000001, the paravirtual feature bits (Documentation/virt/kvm/x86/cpuid.rst).</summary>
    public uint ParavirtualFeatures
    {
        get
        {
            var count = BitConverter.ToInt32(_cpuid, 0);
            for (var index = 0; index < count; index++)
            {
                var entry = _cpuid.AsSpan(8 + (index * CpuidEntrySize), CpuidEntrySize);
                if (BitConverter.ToUInt32(entry) == 0x40000001)
                    return BitConverter.ToUInt32(entry[12..]);
            }
            return 0;
        }
    }

    public KvmVm CreateVm() => new(this, FileDescriptor.Own(_fd.Ioctl(0xAE01), "KVM_CREATE_VM"));

    public void Dispose() => _fd.Dispose();

    private const int CpuidEntrySize = 40;

    private byte[] ReadSupportedCpuid()
    {
        const int entries = 256;
        var buffer = new byte[8 + (entries * CpuidEntrySize)];
        BitConverter.TryWriteBytes(buffer, entries);
        fixed (byte* cpuid = buffer)
            // SAFETY: the buffer has room for the count that it states.
            _fd.Require("KVM_GET_SUPPORTED_CPUID", 0xC008AE05, (nint)cpuid);
        return buffer;
    }
}
