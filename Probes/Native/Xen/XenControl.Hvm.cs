using System.Runtime.InteropServices;
using HvLab.Probes.Native.Linux;

namespace HvLab.Probes.Native.Xen;

// State that only hardware-virtualized domains have.
public sealed unsafe partial class XenControl
{
    private const ushort EndCode = 0, CpuCode = 2;
    private const int HeaderLength = 24;

    private byte[]? _header;

    public Errno SetParameter(uint domain, HvmParam parameter, ulong value) => Check(HvmParamSet(_handle, domain, (uint)parameter, value));

    public Errno GetParameter(uint domain, HvmParam parameter, out ulong value)
    {
        value = 0;
        fixed (ulong* at = &value)
            return Check(HvmParamGet(_handle, domain, (uint)parameter, at));
    }

    public Errno GetCpu(uint domain, ushort vcpu, out HvmCpu state)
    {
        state = default;
        fixed (HvmCpu* at = &state)
            return Check(GetContextPartial(_handle, domain, CpuCode, vcpu, at, (uint)sizeof(HvmCpu)));
    }

    /// <summary>Sets every vCPU at once: each load of a context first takes all vCPUs down. The domain must be paused.</summary>
    public Errno SetCpus(uint domain, ReadOnlySpan<HvmCpu> states)
    {
        if (_header is null && ReadHeader(domain, out _header) is var errno && errno != Errno.None)
            return errno;
        using var context = new MemoryStream();
        context.Write(_header!);
        for (ushort vcpu = 0; vcpu < states.Length; vcpu++)
        {
            Append(context, new(CpuCode, vcpu, (uint)sizeof(HvmCpu)));
            context.Write(MemoryMarshal.AsBytes(states.Slice(vcpu, 1)));
        }
        Append(context, new(EndCode, 0, 0));
        var bytes = context.ToArray();
        fixed (byte* at = bytes)
            return Check(SetContext(_handle, domain, at, (uint)bytes.Length));
    }

    /// <summary>The begin of any saved context: it says which CPU and which Xen it is for, so it is the same for every domain.</summary>
    private Errno ReadHeader(uint domain, out byte[]? header)
    {
        header = null;
        var size = GetContext(_handle, domain, null, 0);
        if (size < 0)
            return Errno.Last;
        var saved = new byte[size];
        fixed (byte* at = saved)
            if (GetContext(_handle, domain, at, (uint)size) < 0)
                return Errno.Last;
        header = saved[..(sizeof(Descriptor) + HeaderLength)];
        return Errno.None;
    }

    private static void Append(MemoryStream context, Descriptor descriptor) =>
        context.Write(MemoryMarshal.AsBytes(new ReadOnlySpan<Descriptor>(in descriptor)));

    /// <summary>struct hvm_save_descriptor of hvm/save.h.</summary>
    private readonly record struct Descriptor(ushort TypeCode, ushort Instance, uint Length);

    [LibraryImport(XenLibraries.Control, EntryPoint = "xc_hvm_param_set", SetLastError = true)]
    private static partial int HvmParamSet(Handle xch, uint domain, uint parameter, ulong value);

    [LibraryImport(XenLibraries.Control, EntryPoint = "xc_hvm_param_get", SetLastError = true)]
    private static partial int HvmParamGet(Handle xch, uint domain, uint parameter, ulong* value);

    [LibraryImport(XenLibraries.Control, EntryPoint = "xc_domain_hvm_getcontext", SetLastError = true)]
    private static partial int GetContext(Handle xch, uint domain, byte* buffer, uint size);

    [LibraryImport(XenLibraries.Control, EntryPoint = "xc_domain_hvm_getcontext_partial", SetLastError = true)]
    private static partial int GetContextPartial(Handle xch, uint domain, ushort typeCode, ushort instance, void* buffer, uint size);

    [LibraryImport(XenLibraries.Control, EntryPoint = "xc_domain_hvm_setcontext", SetLastError = true)]
    private static partial int SetContext(Handle xch, uint domain, byte* buffer, uint size);
}
