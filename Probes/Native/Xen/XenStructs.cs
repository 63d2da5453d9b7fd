using System.Runtime.InteropServices;

namespace HvLab.Probes.Native.Xen;

/// <summary>What the probe sets of struct xen_domctl_createdomain; <see cref="XenControl.CreateDomain"/> lays it out for the running release.</summary>
/// <param name="Handle">xen_domain_handle_t: how a tool recognises its own domains.</param>
/// <param name="Flags">XEN_DOMCTL_CDF_*.</param>
/// <param name="EmulationFlags">XEN_X86_EMU_*.</param>
public sealed record CreateDomain(Guid Handle, uint Flags, uint EmulationFlags, uint MaxVcpus, int MaxGrantFrames = 4, int MaxMaptrackFrames = 4)
{
    public const uint Hvm = 1, Hap = 2;
    public const uint EmulateLapic = 1;
}

/// <summary>struct xen_domctl_getdomaininfo (xc_domaininfo_t), the same in 4.17 and 4.20. Counts are in pages.</summary>
[StructLayout(LayoutKind.Sequential)]
public unsafe struct DomainInfo
{
    private const uint Dying = 1, ShutDown = 4, ShutdownShift = 16, CrashCode = 3;

    public ushort Domain;
    private readonly ushort _pad1;
    public uint Flags;
    public ulong TotalPages, MaxPages, OutstandingPages, SharedPages, PagedPages, SharedInfoFrame;
    /// <summary>Nanoseconds.</summary>
    public ulong CpuTime;
    public uint OnlineVcpus, MaxVcpuId, SsidRef;
    private fixed byte _handle[16];
    public uint CpuPool;
    public byte GpaddrBits;
    private fixed byte _pad2[7];
    public uint EmulationFlags, MiscFlags;

    public readonly bool IsDying => (Flags & Dying) != 0;
    public readonly bool IsShutDown => (Flags & ShutDown) != 0;
    /// <summary>Xen crashed it: SHUTDOWN_crash of sched.h.</summary>
    public readonly bool IsCrashed => IsShutDown && ((Flags >> (int)ShutdownShift) & 0xff) == CrashCode;

    public readonly Guid Handle
    {
        get
        {
            fixed (byte* bytes = _handle)
                return new(new ReadOnlySpan<byte>(bytes, 16), bigEndian: true); // SAFETY: 16 bytes, of this struct
        }
    }
}

/// <summary>struct vm_event_st (request and response) of vm_event.h, interface version 7: 400 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
public unsafe struct VmEvent
{
    public const uint InterfaceVersion = 7;
    public const uint FlagVcpuPaused = 1, FlagForeign = 2;
    public const uint ReasonMemSharing = 2, ReasonMemPaging = 3;
    public const int Size = 400;

    public uint Version, Flags, Reason, VcpuId;
    public ushort Altp2mIndex;
    private readonly ushort _pad0, _pad1, _pad2;
    /// <summary>First members of struct vm_event_paging and vm_event_sharing.</summary>
    public ulong Gfn;
    public uint P2mType;
    /// <summary>MEM_PAGING_*; not used by sharing.</summary>
    public uint PagingFlags;
    private fixed byte _rest[Size - 40];
}

/// <summary>HVM_PARAM_* of hvm/params.h.</summary>
public enum HvmParam : uint
{
    PagingRingPfn = 27,
    MonitorRingPfn = 28,
    SharingRingPfn = 29,
}

/// <summary>XEN_DOMCTL_SHADOW_OP_* of domctl.h.</summary>
public enum ShadowOp : uint
{
    Off = 0,
    EnableLogDirty = 2,
    Clean = 11,
    Peek = 12,
}
