using HvLab.Reference.Kvm;

namespace HvLab.Reference.Models.Kvm;

using Property = Property<AsyncPfModel, AsyncPfOp, AsyncPfSeen>;
using Step = Transition<AsyncPfModel, AsyncPfOp, AsyncPfSeen>;

/// <summary>What is true of every step of <see cref="AsyncPfModel"/>, read off the state's plain fields and never its derived ones.</summary>
/// <remarks>They speak of the states that an exploration reaches; what they cannot see is in the remarks of the model.</remarks>
public static partial class AsyncPfProperties
{
    public static IReadOnlyList<Property> All { get; } =
        [.. Tokens, .. Readiness, .. Telling, .. Msrs, .. Pages, .. Ends, .. Memory, .. Liveness];

    /// <summary>The first property that a step breaks, or null.</summary>
    public static Property? FirstBroken(Step step)
    {
        foreach (var property in All)
            if (!property.Holds(step))
                return property;
        return null;
    }

    /// <summary>KVM has something that the guest could take at once: nothing but the guest's own masking may delay it.</summary>
    public static bool OwesReady(AsyncPfVcpu vcpu)
    {
        ArgumentNullException.ThrowIfNull(vcpu);
        return IsEnabling(vcpu.Enable) && vcpu.Lapic == Lapic.On && vcpu.Held == Token.None
            && (vcpu.WakeAll == WakeAll.MustCome || Any(vcpu, fault => fault.Token != Token.None && fault.Stage == FaultStage.Arriving));
    }

    private static bool IsEnabling(ulong value) => (value & 1) != 0 && (value & 8) != 0;

    private static bool IsMissing(AsyncPfModel model, Gfn page) =>
        page.Value >= model.Setup.FirstPaged.Value && page.Value < model.Setup.FirstPaged.Value + (ulong)model.Setup.PagedCount
        && !model.Present.Contains((int)(page.Value - model.Setup.FirstPaged.Value));

    private static bool Any(AsyncPfVcpu vcpu, Func<AsyncFault, bool> test)
    {
        foreach (ref readonly var fault in vcpu.Faults.AsSpan())
            if (test(fault))
                return true;
        return false;
    }

    /// <summary>A step of one vCPU: itself before and after, and what its guest is at.</summary>
    private readonly record struct VcpuStep(Step Step, AsyncPfVcpu Before, AsyncPfVcpu After, Activity Doing);

    /// <summary>True for steps that are none of a vCPU, and for operations that were refused.</summary>
    private static Func<Step, bool> OfVcpu(Func<VcpuStep, bool> holds) => step =>
    {
        if (step.Seen is AsyncPfSeen.Refused || AsyncPfOp.VcpuOf(step.Operation) is not { } id)
            return true;
        var before = step.From.Vcpus[id.Value];
        return holds(new(step, before, step.To.Vcpus[id.Value], step.Operation switch
        {
            AsyncPfOp.Touch op => new(ActivityKind.Touching, op.Page, op.Access, op.Mode),
            AsyncPfOp.Halt => new(ActivityKind.Halted),
            AsyncPfOp.Idle => new(ActivityKind.Idling),
            AsyncPfOp.Poll => new(ActivityKind.Polling),
            AsyncPfOp.Await => before.Now,
            _ => default,
        }));
    };

    private static Func<Step, bool> OfReady(Func<VcpuStep, Token, bool> holds) =>
        OfVcpu(at => at.Step.Seen is not AsyncPfSeen.Ready ready || holds(at, ready.Token));

    private static Func<Step, bool> OfNotPresent(Func<VcpuStep, Token, bool> holds) =>
        OfVcpu(at => at.Step.Seen is not AsyncPfSeen.NotPresent told || holds(at, told.Token));

    /// <summary>The value with which the step ends a write that turns the mechanism off, or null.</summary>
    private static bool EndsDisabling(Step step) => step.Seen is AsyncPfSeen.Done && step.Operation switch
    {
        AsyncPfOp.WriteMsr { Msr: AsyncPfMsr.Enable } write => !IsEnabling(write.Value),
        AsyncPfOp.Await wait => step.From.Vcpus[wait.Vcpu.Value].Now.Kind == ActivityKind.Disabling,
        _ => false,
    };

    private static bool Enables(Step step) =>
        step.Operation is AsyncPfOp.WriteMsr { Msr: AsyncPfMsr.Enable } write && IsEnabling(write.Value)
        && step.Seen is AsyncPfSeen.Done or AsyncPfSeen.AtPager;
}
