using System.Runtime.Intrinsics.X86;

namespace HvLab.Probes.Native.Linux;

/// <summary>What the host's CPU is made of.</summary>
public static class Emulation
{
    /// <summary>True on QEMU's TCG, by the signature that it answers CPUID 0x40000000 with ("TCGTCGTCGTCG").</summary>
    public static bool IsTcg { get; } = X86Base.CpuId(0x4000_0000, 0) is (_, 0x54474354, 0x43544743, 0x47435447);
}
