using System.Runtime.InteropServices;
using HvLab.Probes.Native.Linux;

namespace HvLab.Probes.Native.Kvm;

/// <summary>A VM file descriptor.</summary>
public sealed unsafe class KvmVm : IDisposable
{
    private readonly KvmSystem _system;
    private readonly FileDescriptor _fd;

    internal KvmVm(KvmSystem system, FileDescriptor fd) => (_system, _fd) = (system, fd);

    /// <summary>In-kernel PIC, IOAPIC and LAPICs.</summary>
    public void CreateIrqChip() => _fd.Require("KVM_CREATE_IRQCHIP", 0xAE60);

    /// <summary>Maps <paramref name="length"/> bytes of guest memory at <paramref name="guestAddress"/>; length 0 removes the slot.</summary>
    public void SetMemory(uint slot, ulong guestAddress, ulong length, nint hostAddress)
    {
        var region = new MemoryRegion { Slot = slot, GuestAddress = guestAddress, Length = length, HostAddress = (ulong)hostAddress };
        // SAFETY: the kernel reads exactly this struct.
        _fd.Require("KVM_SET_USER_MEMORY_REGION", 0x4020AE46, (nint)(&region));
    }

    public KvmVcpu CreateVcpu(int id) => new(_system, FileDescriptor.Own(_fd.Ioctl(0xAE41, id), "KVM_CREATE_VCPU"));

    public void Dispose() => _fd.Dispose();

    [StructLayout(LayoutKind.Sequential)]
    private struct MemoryRegion
    {
        public uint Slot, Flags;
        public ulong GuestAddress, Length, HostAddress;
    }
}
