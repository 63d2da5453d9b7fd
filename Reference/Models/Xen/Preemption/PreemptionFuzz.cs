using HvLab.Reference.Models.Fuzz;

namespace HvLab.Reference.Models.Xen.Preemption;

using Subject = DesignSubject<PreemptionState, PreemptionStep>;

/// <summary>A long hypercall and what comes in between, in random plans: what the guest sees of it when it is back, and who runs, is what is seen.</summary>
public static class PreemptionFuzz
{
    private const int Extents = 3;

    /// <summary>A design of the model, by its name.</summary>
    public static Subject Of(string design)
    {
        var (known, traits) = PreemptionDesigns.All.Single(one => one.Design.Name == design);
        return new(new PreemptionModel().Name, new PreemptionSystem(traits, Extents), [.. Steps], Ask, See, Shape, $"{known.Name}, {Extents} extents");
    }

    /// <summary>The sound design that a faulty one was made from.</summary>
    public static string BaseOf(string design) => PreemptionDesigns.All.Single(one => one.Design.Name == design).Traits.HasFlag(PreemptionTrait.Continues)
        ? "both" : "full-preemption-threads";

    private static IEnumerable<Choice<AskedStep>> Steps => Enum.GetValues<PreemptionAct>()
        .SelectMany(act => act == PreemptionAct.Tampers ? Enumerable.Range(0, Extents + 2).Select(argument => (act, argument)) : [(act, 0)])
        .Select(one => new Choice<AskedStep>(one.act switch
        {
            PreemptionAct.Tampers => 1,
            PreemptionAct.Interrupts or PreemptionAct.InterruptsGuest or PreemptionAct.RaisesSoftirq or PreemptionAct.QueuesTask => 3,
            _ => 10,
        }, Ask(new(one.act, PreemptionActor.Caller, (byte)one.argument))));

    // An act says who does it.
    private static AskedStep Ask(PreemptionStep step) => new(step.Act == PreemptionAct.Tampers ? $"{step.Act} {step.Argument}" : $"{step.Act}");

    private static string See(PreemptionStep step, PreemptionState after) =>
        after.CallerIsInXen ? $"{after.Running} runs"
        : $"{after.Running} runs; the call is {after.Phase.ToString().ToLowerInvariant()}, status {(after.HasStatus ? "written" : "untouched")}, "
            + $"extents {string.Join(" ", Enumerable.Range(0, Extents).Select(after.Effect))}, next {after.Argument}";

    private static string Shape(PreemptionState state) =>
        $"{state.Running} runs{(state.SwitchingTo is { } to ? $", switching to {to}" : "")}, caller {state.Phase}, other {state.Other}, "
        + $"{(state.Reschedule ? "reschedule " : "")}{(state.GuestInterrupt ? "irq " : "")}{(state.Softirq ? "softirq " : "")}";
}
