using HvLab.Reference.Models.Exploration;
using HvLab.Reference.Models.Fuzz;
using HvLab.Reference.Models.Xen.Preemption;
using HvLab.Reference.Models.Xen.PvMmuQueue;

namespace HvLab.Reference.Tests.Fuzz;

/// <summary>Random plans find every fault of the systems that no probe drives: a design with a fault plays the machine, the sound one judges.</summary>
public sealed class PreemptionFuzzTests : FaultTable
{
    private protected override int Small => 24;

    private static IEnumerable<string> Faults => new PreemptionModel().Designs.Where(design => design.Kind == DesignKind.Faulty).Select(design => design.Name);

    [TestCaseSource(nameof(Faults))]
    public async Task A_faulty_machine_is_found_out(string fault) =>
        Take(fault, await Trial.FindAsync(PreemptionFuzz.Of(PreemptionFuzz.BaseOf(fault)), DesignMachine.Of(PreemptionFuzz.Of(fault)), operations: 40));

    [Test]
    public async Task A_machine_without_a_fault_is_not_accused() =>
        Assert.That(await Trial.FindAsync(PreemptionFuzz.Of("both"), DesignMachine.Of(PreemptionFuzz.Of("both")), plans: 500, operations: 40), Is.Null);
}

/// <inheritdoc cref="PreemptionFuzzTests"/>
public sealed class PvMmuQueueFuzzTests : FaultTable
{
    // A flush with its interrupts and acknowledgements is eight steps alone.
    private protected override int Small => 24;

    private static IEnumerable<string> Faults => new PvMmuQueueModel().Designs.Where(design => design.Kind == DesignKind.Faulty).Select(design => design.Name);

    [TestCaseSource(nameof(Faults))]
    public async Task A_faulty_machine_is_found_out(string fault) =>
        Take(fault, await Trial.FindAsync(PvMmuQueueFuzz.Of(PvMmuQueueFuzz.BaseOf(fault)), DesignMachine.Of(PvMmuQueueFuzz.Of(fault)), operations: 40));

    [Test]
    public async Task A_machine_without_a_fault_is_not_accused() =>
        Assert.That(await Trial.FindAsync(PvMmuQueueFuzz.Of("scoreboard"), DesignMachine.Of(PvMmuQueueFuzz.Of("scoreboard")), plans: 500, operations: 40), Is.Null);
}

internal static class DesignMachine
{
    /// <summary>A machine that is built as this design says.</summary>
    public static Func<Random, Func<AskedStep, StepSeen>> Of<TState, TStep>(DesignSubject<TState, TStep> design) where TState : notnull, IEquatable<TState> => random =>
    {
        var at = new Follower<Boxed<TState>, StepSeen>(design.Start, random);
        return operation => at.Choose(state => design.Apply(operation, state));
    };
}
