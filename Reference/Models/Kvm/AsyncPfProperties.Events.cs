using HvLab.Reference.Kvm;

namespace HvLab.Reference.Models.Kvm;

using Property = Property<AsyncPfModel, AsyncPfOp, AsyncPfSeen>;

// What may be told, when, and in which words.
public static partial class AsyncPfProperties
{
    private static IReadOnlyList<Property> Tokens =>
    [
        new("token-is-a-token", AsyncPfRules.TokenNotZero, OfNotPresent((_, token) => token.Value is not (0 or uint.MaxValue))),
        new("token-is-not-outstanding", AsyncPfRules.Ready, OfNotPresent((at, token) =>
        {
            foreach (var vcpu in at.Step.From.Vcpus)
                if (vcpu.Held == token || Any(vcpu, fault => fault.Token == token))
                    return false;
            return true;
        })),
        new("told-fault-is-outstanding", AsyncPfRules.NotPresent, OfNotPresent((at, token) =>
            at.After.Faults.Contains(new AsyncFault(at.Doing.Page, token, FaultStage.Started)))),
    ];

    private static IReadOnlyList<Property> Readiness =>
    [
        new("ready-needs-a-free-slot", AsyncPfRules.SlotFree, OfReady((at, _) => at.Before.Held == Token.None)),
        new("ready-needs-the-lapic", AsyncPfRules.SlotFree, OfReady((at, _) => at.Before.Lapic == Lapic.On)),
        new("ready-needs-enabling", AsyncPfRules.NotDelivered, OfReady((at, token) =>
            IsEnabling(at.Before.Enable) || at.Before.Latched.Contains(token))),
        new("ready-needs-open-interrupts", AsyncPfRules.Masked, OfReady((at, _) =>
            at.Doing.Kind is ActivityKind.Halted or ActivityKind.Idling or ActivityKind.Polling
            || at.Doing is { Kind: ActivityKind.Touching, Mode.Interrupts: true })),
        new("ready-names-what-arrived", AsyncPfRules.Ready, OfReady((at, token) =>
            at.Before.Latched.Contains(token)
            || (token == Token.Broadcast
                ? at.Before.WakeAll != WakeAll.None
                : Any(at.Before, fault => fault.Token == token && fault.Stage == FaultStage.Arriving)))),
        new("ready-comes-once", AsyncPfRules.Ready, OfReady((at, token) =>
            at.After.Held == token && ReadysOf(at.After, token) < ReadysOf(at.Before, token))),
        new("ready-uses-the-vector", AsyncPfRules.ReservedVectorBits, OfVcpu(at =>
            at.Step.Seen is not AsyncPfSeen.Ready ready || ready.Vector.Value == at.Before.Vector)),
    ];

    private static IReadOnlyList<Property> Telling =>
    [
        new("told-only-if-enabled", AsyncPfRules.NotDelivered, OfNotPresent((at, _) => IsEnabling(at.Before.Enable))),
        new("kernel-is-told-only-with-send-always", AsyncPfRules.SendAlways, OfNotPresent((at, _) =>
            at.Doing.Mode.User || (at.Before.Enable & AsyncPfEnable.SendAlways) != 0)),
        new("masked-fault-is-synchronous", AsyncPfRules.Masked, OfVcpu(at =>
            at.Doing is not { Kind: ActivityKind.Touching, Mode.Interrupts: false }
            || (at.Step.Seen is AsyncPfSeen.AtPager or AsyncPfSeen.Completed or AsyncPfSeen.Mmio or AsyncPfSeen.Nothing
                && at.After.Faults == at.Before.Faults))),
        new("outstanding-within-the-bound", AsyncPfRules.PerVcpuBound, OfVcpu(at =>
        {
            var waiting = 0;
            foreach (ref readonly var fault in at.After.Faults.AsSpan())
                waiting += fault.Stage == FaultStage.Arriving ? 0 : 1;
            return waiting <= at.Step.To.Setup.PerVcpuBound;
        })),
    ];

    /// <summary>How many READYs with this token may still come.</summary>
    private static int ReadysOf(AsyncPfVcpu vcpu, Token token)
    {
        var count = (vcpu.Latched.Contains(token) ? 1 : 0) + (token == Token.Broadcast && vcpu.WakeAll != WakeAll.None ? 1 : 0);
        foreach (ref readonly var fault in vcpu.Faults.AsSpan())
            count += fault.Token == token ? 1 : 0;
        return count;
    }
}
