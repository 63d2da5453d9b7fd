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
    /// <summary>What answers where the hypervisor is Xen and <see cref="Kernel"/> is dom0's; null elsewhere.</summary>
    public XenFacts? Xen { get; init; }
    /// <summary>True where the hypervisor under test was changed by the lab.</summary>
    public bool LabPatched { get; init; }
    /// <summary>Named capabilities the probe found, for instance "KVM_CAP_ASYNC_PF_INT"; the terms of scenario needs.</summary>
    public IReadOnlyList<string> Capabilities { get; init; } = [];
    /// <summary>SHA-256 (hex) of every artifact that booted: kernel, image, modules, probe.</summary>
    public IReadOnlyDictionary<string, string> Artifacts { get; init; } = new Dictionary<string, string>();
}

/// <summary>What a booted Xen said of itself, on its console and to dom0. Untrusted: a developer's own build may say anything.</summary>
public sealed record XenFacts
{
    /// <summary>"4.17.5".</summary>
    public required string Version { get; init; }
    /// <summary>What follows the version in its banner: package, builder, compiler.</summary>
    public string Build { get; init; } = "";
    /// <summary>"stock", "own", or what the lab built: "paging", "sharing-amd". The lab's builds say it in their banner.</summary>
    public required string Flavour { get; init; }
    /// <summary>Its source's revision; empty where the build knew none, as in Debian's.</summary>
    public string Changeset { get; init; } = "";
    /// <summary>Hex; tells two builds of one version apart.</summary>
    public string BuildId { get; init; } = "";
    public bool Debug { get; init; }
    /// <summary>The options that it was built with, of those that decide what can be tested: "CONFIG_MEM_PAGING".</summary>
    public IReadOnlyList<string> Options { get; init; } = [];
}

/// <summary>Capabilities that the lab itself finds on a host, beside those that the probe reports: terms of scenario needs.</summary>
public static class HostCapability
{
    /// <summary>Xen answers.</summary>
    public const string Xen = "xen";
    /// <summary>It was built with paging.</summary>
    public const string XenPaging = "xen-paging";
    /// <summary>It was built with sharing, and does not refuse it on this CPU.</summary>
    public const string XenSharing = "xen-sharing";
}
