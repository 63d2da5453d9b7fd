namespace HvLab.Reference.Models.Fuzz;

/// <summary>What became of one plan on a machine.</summary>
/// <param name="Events">What was seen, from the first operation on; fewer than the plan where the machine stopped.</param>
/// <param name="Stop">Null where the plan came to its end.</param>
public sealed record PlanRun<TOp, TSeen>(IReadOnlyList<Event<TOp, TSeen>> Events, PlanStop? Stop = null);

/// <summary>Why a plan did not come to its end.</summary>
/// <param name="IsHost">The hypervisor crashed or hung; else the lab could not do something.</param>
/// <param name="Kind">In a few words that are the same each time: "kernel panic".</param>
/// <param name="Detail">Everything that is known of it, untrusted.</param>
public sealed record PlanStop(bool IsHost, string Kind, string Detail);

/// <summary>What runs plans: a box, or a machine in this process.</summary>
public interface IPlanMachine<TOp, TSeen>
{
    /// <summary>Runs each plan from the start, all of them in one go where that is cheaper.</summary>
    /// <returns>One for each plan, in order.</returns>
    Task<IReadOnlyList<PlanRun<TOp, TSeen>>> RunAsync(IReadOnlyList<IReadOnlyList<TOp>> plans, CancellationToken cancellation);
}
