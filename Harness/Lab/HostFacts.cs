namespace HvLab.Harness.Lab;

/// <summary>What a host is, read from it on first contact and recorded in every result; never assumed.</summary>
public sealed record HostFacts
{
    public required string Box { get; init; }
    public required string Release { get; init; }
    /// <summary>uname -r of the host.</summary>
    public required string Kernel { get; init; }
    /// <summary>uname -v of the host: build number and date.</summary>
    public required string KernelVersion { get; init; }
    /// <summary>CPUID vendor string, for instance "AuthenticAMD".</summary>
    public required string CpuVendor { get; init; }
    public required string CpuModel { get; init; }
    public required int Cpus { get; init; }
    /// <summary>How the box executes: "tcg", "kvm" (nested hardware) or "hardware".</summary>
    public required string Platform { get; init; }
    /// <summary>"NPT", "EPT" or "none".</summary>
    public required string NestedPaging { get; init; }
    /// <summary>Virtualization driver that answers /dev/kvm: "kvm_amd", "kvm_intel", another module's name, or "none".</summary>
    public required string KvmModule { get; init; }
    /// <summary>True where the hypervisor under test was changed by the lab.</summary>
    public bool LabPatched { get; init; }
    /// <summary>Named capabilities the probe found, for instance "KVM_CAP_ASYNC_PF_INT"; the terms of scenario needs.</summary>
    public IReadOnlyList<string> Capabilities { get; init; } = [];
    /// <summary>SHA-256 (hex) of every artifact that booted: kernel, image, modules, probe.</summary>
    public IReadOnlyDictionary<string, string> Artifacts { get; init; } = new Dictionary<string, string>();
}
