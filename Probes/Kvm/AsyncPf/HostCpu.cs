namespace HvLab.Probes.Kvm.AsyncPf;

/// <summary>
/// Which CPU of the host does what. Whoever drives a vCPU and the vCPU's thread take turns, some thousand times a suite: on
/// one CPU a turn is a switch of threads, on two it is the end of an idle CPU's sleep, which takes an emulated host a fifth of
/// a millisecond.
/// </summary>
internal static class HostCpu
{
    /// <summary>Of the thread that drives vCPUs and looks at them.</summary>
    public const int Observer = 0;

    /// <summary>The first vCPU's is the observer's own.</summary>
    public static int Of(int vcpu) => (Observer + vcpu) % Environment.ProcessorCount;
}
