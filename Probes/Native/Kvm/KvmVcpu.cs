using HvLab.Probes.Native.Linux;

namespace HvLab.Probes.Native.Kvm;

/// <summary>A vCPU file descriptor and its shared kvm_run page. Only one thread may use it at a time, as KVM demands.</summary>
public sealed unsafe class KvmVcpu : IDisposable
{
    // struct kvm_run: kvm_valid_regs, kvm_dirty_regs, and s.regs, which begins with struct kvm_regs.
    private const ulong ValidRegs = 288, DirtyRegs = 296, SyncRegs = 304, GeneralRegs = 1;

    private readonly FileDescriptor _fd;
    private readonly MemoryMapping _run;
    private bool _regsAreShared;

    internal KvmVcpu(KvmSystem system, FileDescriptor fd)
    {
        _fd = fd;
        _run = MemoryMapping.Shared(fd, system.RunSize);
        fixed (byte* cpuid = system.SupportedCpuid)
            // SAFETY: the kernel reads the count and that many entries.
            fd.Require("KVM_SET_CPUID2", 0x4008AE90, (nint)cpuid);
        if (system.SharesRegs)
            Write(ValidRegs, GeneralRegs);
        Stats = new(fd);
    }

    public KvmVcpuStats Stats { get; }

    /// <summary>KVM_RUN. Interrupted where a signal ended it.</summary>
    public KvmExitReason Run()
    {
        if (_fd.Ioctl(0xAE80) == 0)
            return (KvmExitReason)Read<uint>(8);
        var errno = Errno.Last;
        return errno == Errno.Interrupted || errno == Errno.Again ? KvmExitReason.Interrupted : throw new NativeCallException("KVM_RUN", errno);
    }

    /// <summary>Makes the next KVM_RUN return at once (or not, when cleared).</summary>
    public bool ImmediateExit
    {
        set => _run.Bytes(1, 1)[0] = value ? (byte)1 : (byte)0;
    }

    /// <summary>Of the last Io exit.</summary>
    public (bool Out, ushort Port) Io => (Read<byte>(32) == 1, Read<ushort>(34));

    /// <summary>Of the last Mmio exit.</summary>
    public (ulong Address, bool Write) Mmio => (Read<ulong>(32), Read<byte>(52) != 0);

    /// <summary>Of the last InternalError exit.</summary>
    public uint InternalSuberror => Read<uint>(32);

    /// <summary>What the last <see cref="Run"/> left, and what the next begins with; in shared memory where KVM can, which saves two system calls a run.</summary>
    public KvmRegs Regs
    {
        get => _regsAreShared ? Read<KvmRegs>(SyncRegs) : Get<KvmRegs>("KVM_GET_REGS", 0x8090AE81);
        set
        {
            if (Read<ulong>(ValidRegs) == 0)
            {
                Set("KVM_SET_REGS", 0x4090AE82, value);
                return;
            }
            Write(SyncRegs, value);
            Write(DirtyRegs, GeneralRegs);
            _regsAreShared = true;
        }
    }

    public KvmSregs Sregs
    {
        get => Get<KvmSregs>("KVM_GET_SREGS", 0x8138AE83);
        set => Set("KVM_SET_SREGS", 0x4138AE84, value);
    }

    public KvmLapicState Lapic
    {
        get => Get<KvmLapicState>("KVM_GET_LAPIC", 0x8400AE8E);
        set => Set("KVM_SET_LAPIC", 0x4400AE8F, value);
    }

    /// <summary>KVM_MP_STATE_RUNNABLE is 0, HALTED 3.</summary>
    public uint MpState
    {
        get => Get<uint>("KVM_GET_MP_STATE", 0x8004AE98);
        set => Set("KVM_SET_MP_STATE", 0x4004AE99, value);
    }

    public ulong GetMsr(uint index)
    {
        var msrs = stackalloc ulong[3];
        msrs[0] = 1;
        msrs[1] = index;
        // SAFETY: struct kvm_msrs with one entry: count, padding, index, reserved, data.
        return _fd.Require("KVM_GET_MSRS", 0xC008AE88, (nint)msrs) == 1 ? msrs[2] : throw new NativeCallException($"KVM_GET_MSRS 0x{index:x}", Errno.Last);
    }

    public void SetMsr(uint index, ulong value)
    {
        var msrs = stackalloc ulong[3];
        msrs[0] = 1;
        msrs[1] = index;
        msrs[2] = value;
        // SAFETY: as in GetMsr.
        if (_fd.Require("KVM_SET_MSRS", 0x4008AE89, (nint)msrs) != 1)
            throw new NativeCallException($"KVM_SET_MSRS 0x{index:x}", Errno.Last);
    }

    public void Dispose()
    {
        Stats.Dispose();
        _run.Dispose();
        _fd.Dispose();
    }

    private T Read<T>(ulong offset) where T : unmanaged => System.Runtime.InteropServices.MemoryMarshal.Read<T>(_run.Bytes(offset, sizeof(T)));

    private void Write<T>(ulong offset, T value) where T : unmanaged => System.Runtime.InteropServices.MemoryMarshal.Write(_run.Bytes(offset, sizeof(T)), value);

    private T Get<T>(string name, nuint request) where T : unmanaged
    {
        T value = default;
        // SAFETY: the size of T is encoded in the request.
        _fd.Require(name, request, (nint)(&value));
        return value;
    }

    private void Set<T>(string name, nuint request, T value) where T : unmanaged =>
        // SAFETY: the size of T is encoded in the request.
        _fd.Require(name, request, (nint)(&value));
}
