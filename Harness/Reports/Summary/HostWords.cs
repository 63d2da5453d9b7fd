using System.Globalization;
using HvLab.Harness.Lab;

namespace HvLab.Harness.Reports.Summary;

/// <summary>Host facts in plain words.</summary>
public static class HostWords
{
    /// <summary>How real the host is, in one sentence. Untrusted text: <see cref="HostFacts.Platform"/> may be anything.</summary>
    public static string HowReal(HostFacts? host) => host?.Platform switch
    {
        null => "No host answered in this run.",
        "tcg" => "An emulated machine: the hypervisor's code is real, the CPU is QEMU's TCG. Timing and CPU errata are not those of silicon.",
        "bochs" => "An emulated machine: the hypervisor's code is real, the CPU is Bochs's, one instruction at a time. Timing and CPU errata are not those of silicon, and nothing runs at the same time.",
        "kvm" => "A virtual machine with hardware acceleration: the hypervisor under test is nested, on the outer hypervisor's virtual CPU.",
        "hardware" => "A physical machine: the hypervisor and the CPU are both real.",
        var other => $"A machine of an unknown kind (\"{other}\").",
    };

    /// <summary>Name and value pairs, in reading order; empty for no host.</summary>
    public static IReadOnlyList<(string Name, string Value)> Facts(HostFacts? host) => host is null ? [] :
    [
        ("box", host.Box),
        ("release", host.Release),
        ("platform", host.Platform),
        ("kernel", $"{host.Kernel} ({host.KernelVersion})"),
        ("cpu", $"{host.CpuModel} ({host.CpuVendor})"),
        ("cpus", host.Cpus.ToString(CultureInfo.InvariantCulture)),
        ("nested paging", host.NestedPaging),
        .. Hypervisor(host),
        ("lab-patched", host.LabPatched ? "yes" : "no"),
    ];

    private static IReadOnlyList<(string Name, string Value)> Hypervisor(HostFacts host) => host.Xen is not { } xen ? [("kvm module", host.KvmModule)] :
    [
        ("xen", xen.Build.Length > 0 ? $"{xen.Version} {xen.Build}" : xen.Version),
        ("xen flavour", xen.Flavour),
        ("xen changeset", xen.Changeset.Length > 0 ? xen.Changeset : $"none; build-id {xen.BuildId}"),
        ("xen debug build", xen.Debug ? "yes" : "no"),
        ("xen options", xen.Options.Count > 0 ? string.Join(' ', xen.Options) : "none of those that the lab looks for"),
    ];
}
