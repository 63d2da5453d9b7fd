using System.Text;
using HvLab.Probes.Native.Linux;

namespace HvLab.Probes.Native.Kvm;

/// <summary>A vCPU's binary statistics (KVM_GET_STATS_FD), readable while another thread is in KVM_RUN.</summary>
public sealed unsafe class KvmVcpuStats : IDisposable
{
    private readonly FileDescriptor _fd;
    private readonly long _exits;
    private readonly long _blocking;

    // Every vCPU of a kernel has the same layout: read it once.
    private static (long Exits, long Blocking) s_layout;
    private static readonly Lock s_gate = new();

    internal KvmVcpuStats(FileDescriptor vcpu)
    {
        _fd = FileDescriptor.Own(vcpu.Ioctl(0xAECE), "KVM_GET_STATS_FD");
        lock (s_gate)
        {
            if (s_layout == default)
                s_layout = ReadLayout();
            (_exits, _blocking) = s_layout;
        }
    }

    /// <summary>Exits from guest mode so far.</summary>
    public ulong Exits => ReadUInt64(_exits);

    /// <summary>True while the vCPU is halted inside KVM, really or artificially.</summary>
    public bool Blocking => ReadUInt64(_blocking) != 0;

    public void Dispose() => _fd.Dispose();

    private (long, long) ReadLayout()
    {
        // struct kvm_stats_header: flags, name_size, num_desc, id_offset, desc_offset, data_offset; each 32 bits.
        var header = stackalloc uint[6];
        ReadAt(header, 24, 0);
        var (nameSize, count, descriptors, data) = ((int)header[1], header[2], header[4], header[5]);
        long exits = -1, blocking = -1;
        var descriptor = new byte[16 + nameSize];
        for (uint index = 0; index < count; index++)
        {
            fixed (byte* buffer = descriptor)
                ReadAt(buffer, descriptor.Length, descriptors + (index * descriptor.Length));
            var name = Encoding.ASCII.GetString(descriptor, 16, nameSize).TrimEnd('\0');
            var offset = data + BitConverter.ToUInt32(descriptor, 8);
            if (name == "exits") exits = offset;
            else if (name == "blocking") blocking = offset;
        }
        return exits >= 0 && blocking >= 0
            ? (exits, blocking)
            : throw new NotSupportedException("This KVM has no 'exits' or 'blocking' statistic: Linux 5.16 or newer is needed.");
    }

    private ulong ReadUInt64(long offset)
    {
        ulong value;
        ReadAt(&value, sizeof(ulong), offset);
        return value;
    }

    private void ReadAt(void* buffer, int length, long offset)
    {
        // SAFETY: callers pass buffers of that length.
        if (Libc.Pread(_fd.Value, buffer, (nuint)length, offset) != length)
            throw new NativeCallException("pread of KVM statistics", Errno.Last);
    }
}
