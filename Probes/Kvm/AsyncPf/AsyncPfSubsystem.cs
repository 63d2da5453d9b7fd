using System.Text.Json;
using HvLab.Probes.Native.Kvm;
using HvLab.Probes.Native.Linux;
using HvLab.Probes.Wire;
using HvLab.Reference.Kvm;

namespace HvLab.Probes.Kvm.AsyncPf;

/// <summary>Runs plans of the subsystem "kvm-async-pf".</summary>
public sealed class AsyncPfSubsystem : ISubsystemProbe, IDisposable
{
    private const int CapIrqchip = 0, CapAsyncPf = 59, CapAsyncPfInt = 183, CapBinaryStats = 203, CapImmediateExit = 136;
    private const uint FeatureAsyncPf = 1 << 4, FeatureAsyncPfVmexit = 1 << 10, FeatureAsyncPfInt = 1 << 14;

    private readonly KvmSystem? _kvm;
    private readonly Machines? _machines;

    public AsyncPfSubsystem()
    {
        if (!File.Exists("/dev/kvm"))
            return;
        _kvm = new();
        _machines = new(_kvm);
        NativeThread.InstallInterrupt();
        Capabilities = Find(_kvm);
    }

    public IReadOnlyList<string> Capabilities { get; } = [];

    public IPlannedScenario Read(JsonElement plan) => new PlannedAsyncPf(
        _machines ?? throw new InvalidOperationException("This host has no /dev/kvm."),
        plan.Deserialize(AsyncPfJson.Default.AsyncPfPlan) ?? throw new MalformedFrameException("The plan is null."));

    public void Dispose()
    {
        _machines?.Dispose();
        _kvm?.Dispose();
    }

    private static List<string> Find(KvmSystem kvm)
    {
        var features = kvm.ParavirtualFeatures;
        (string Name, bool Found)[] capabilities =
        [
            ("KVM_CAP_IRQCHIP", kvm.Check(CapIrqchip) > 0),
            ("KVM_CAP_ASYNC_PF", kvm.Check(CapAsyncPf) > 0),
            ("KVM_CAP_ASYNC_PF_INT", kvm.Check(CapAsyncPfInt) > 0),
            ("KVM_CAP_BINARY_STATS_FD", kvm.Check(CapBinaryStats) > 0),
            ("KVM_CAP_IMMEDIATE_EXIT", kvm.Check(CapImmediateExit) > 0),
            ("KVM_FEATURE_ASYNC_PF", (features & FeatureAsyncPf) != 0),
            ("KVM_FEATURE_ASYNC_PF_INT", (features & FeatureAsyncPfInt) != 0),
            ("KVM_FEATURE_ASYNC_PF_VMEXIT", (features & FeatureAsyncPfVmexit) != 0),
            ("hardware-virtualization", Directory.Exists("/sys/module/kvm_amd") || Directory.Exists("/sys/module/kvm_intel")),
            ("userfaultfd", File.Exists("/proc/sys/vm/unprivileged_userfaultfd") || File.Exists("/dev/userfaultfd")),
        ];
        return [.. capabilities.Where(capability => capability.Found).Select(capability => capability.Name)];
    }
}
