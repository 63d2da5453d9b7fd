using System.Runtime.InteropServices;

namespace HvLab.Probes.Native.Xen;

/// <summary>struct hvm_hw_cpu of arch-x86/hvm/save.h: what a vCPU's registers look like in a saved context. 1032 bytes.</summary>
/// <remarks>Segment attributes are in the packed form type | s&lt;&lt;4 | dpl&lt;&lt;5 | p&lt;&lt;7 | avl&lt;&lt;8 | l&lt;&lt;9 | db&lt;&lt;10 | g&lt;&lt;11.</remarks>
[StructLayout(LayoutKind.Sequential)]
public unsafe struct HvmCpu
{
    private fixed byte _fpu[512];
    public ulong Rax, Rbx, Rcx, Rdx, Rbp, Rsi, Rdi, Rsp, R8, R9, R10, R11, R12, R13, R14, R15;
    public ulong Rip, Rflags;
    public ulong Cr0, Cr2, Cr3, Cr4;
    public ulong Dr0, Dr1, Dr2, Dr3, Dr6, Dr7;
    public uint CsSel, DsSel, EsSel, FsSel, GsSel, SsSel, TrSel, LdtrSel;
    public uint CsLimit, DsLimit, EsLimit, FsLimit, GsLimit, SsLimit, TrLimit, LdtrLimit, IdtrLimit, GdtrLimit;
    public ulong CsBase, DsBase, EsBase, FsBase, GsBase, SsBase, TrBase, LdtrBase, IdtrBase, GdtrBase;
    public uint CsAttributes, DsAttributes, EsAttributes, FsAttributes, GsAttributes, SsAttributes, TrAttributes, LdtrAttributes;
    public ulong SysenterCs, SysenterEsp, SysenterEip, ShadowGs;
    private readonly ulong _msrFlags;
    public ulong Lstar, Star, Cstar, SyscallMask, Efer, TscAux;
    public ulong Tsc;
    public uint PendingEvent, ErrorCode, Flags;
    private readonly uint _pad0;
}
