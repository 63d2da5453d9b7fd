using HvLab.Harness.Lab;

namespace HvLab.Harness.Cli.Terminal;

/// <summary>A host in one line: what it is and how real.</summary>
internal static class HostText
{
    public static string Of(HostFacts facts) =>
        $"{facts.Box} runs {facts.Release}: "
        + (facts.Xen is { } xen
            ? $"Xen {xen.Version} ({xen.Flavour}{(xen.Debug ? ", debug" : "")}), dom0 Linux {facts.Kernel}, "
            : $"Linux {facts.Kernel}, {facts.KvmModule}, ")
        + $"{facts.NestedPaging}, {facts.Cpus} CPU{(facts.Cpus == 1 ? "" : "s")}, "
        + facts.Platform switch
        {
            "tcg" => "emulated hardware (TCG)",
            "bochs" => "emulated hardware (Bochs)",
            "kvm" => "virtual hardware (nested)",
            _ => "real hardware",
        }
        + (facts.LabPatched ? ", PATCHED BY THE LAB" : "");
}
