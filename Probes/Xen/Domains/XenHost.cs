using System.Runtime.Intrinsics.X86;
using HvLab.Probes.Native.Linux;
using HvLab.Probes.Native.Xen;

namespace HvLab.Probes.Xen.Domains;

/// <summary>The control domain's view of its hypervisor: the libraries' handles, opened once, and what is known of the host.</summary>
public sealed class XenHost : IDisposable
{
    /// <summary>Domains of ours carry this at the beginning of their handle: what a killed probe left is found by it.</summary>
    private static ReadOnlySpan<byte> Mark => "HvLabDom"u8;

    public XenHost()
    {
        Control = new();
        ForeignMemory = new();
        DeviceModel = new();
        HasOneCpu = Control.MaxCpus == 1;
        SweepLeftovers();
    }

    /// <summary>False where this is no control domain of a running Xen.</summary>
    public static bool IsHere => File.Exists("/dev/xen/privcmd");

    public XenControl Control { get; }
    public XenForeignMemory ForeignMemory { get; }
    public XenDeviceModel DeviceModel { get; }

    /// <summary>dom0 and its guests take turns, where elsewhere guests have a CPU of their own.</summary>
    public bool HasOneCpu { get; }

    /// <summary>
    /// Between two looks at what a guest has done. Spinning is the fastest way to wait for another CPU; on the only one it keeps
    /// the guest from running until Xen's scheduler takes the CPU away, a millisecond later.
    /// </summary>
    public void LetGuestsRun()
    {
        if (HasOneCpu)
            NativeThread.Rest();
        else
            Thread.SpinWait(SpinsALook);
    }

    private const int SpinsALook = 10;

    /// <summary>Decides how a guest calls Xen. CPUID passes through to dom0.</summary>
    public static bool IsIntel { get; } = X86Base.IsSupported && X86Base.CpuId(0, 0).Ebx == 0x756e_6547; // "Genu"

    /// <summary>"4.17".</summary>
    public string Release => Control.Release;

    internal static Guid NewHandle()
    {
        Span<byte> bytes = stackalloc byte[16];
        Guid.NewGuid().TryWriteBytes(bytes);
        Mark.CopyTo(bytes);
        return new(bytes, bigEndian: true);
    }

    internal static bool IsOurs(in DomainInfo domain)
    {
        Span<byte> bytes = stackalloc byte[16];
        domain.Handle.TryWriteBytes(bytes, bigEndian: true, out _);
        return bytes.StartsWith(Mark);
    }

    /// <summary>Destroys the domains of probes that were killed. One probe runs at a time, so none of them is somebody's.</summary>
    private void SweepLeftovers()
    {
        foreach (var domain in Control.ListDomains())
            if (!domain.IsDying && IsOurs(domain))
                _ = Control.Destroy(domain.Domain); // what cannot be destroyed cannot be helped either
    }

    public void Dispose()
    {
        DeviceModel.Dispose();
        ForeignMemory.Dispose();
        Control.Dispose();
    }
}
