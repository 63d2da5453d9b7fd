namespace HvLab.Reference.Models.Fuzz;

/// <summary>A machine in this process that behaves as a model says: of what is allowed, a seed chooses.</summary>
/// <param name="device">Makes a machine as after reset; its choices are the random numbers'. It does one operation after the other.</param>
public sealed class SimulatedMachine<TOp, TSeen>(Func<Random, Func<TOp, TSeen>> device, int seed) : IPlanMachine<TOp, TSeen>
{
    private int _plans;

    public Task<IReadOnlyList<PlanRun<TOp, TSeen>>> RunAsync(IReadOnlyList<IReadOnlyList<TOp>> plans, CancellationToken cancellation) =>
        Task.FromResult<IReadOnlyList<PlanRun<TOp, TSeen>>>([.. plans.Select(Run)]);

    private PlanRun<TOp, TSeen> Run(IReadOnlyList<TOp> plan)
    {
        var machine = device(new Random(unchecked((seed * 1_000_003) + _plans++)));
        return new([.. plan.Select(operation => new Event<TOp, TSeen>(operation, machine(operation), TimeSpan.FromMilliseconds(1)))]);
    }
}

/// <summary>The state of a machine that follows a model, and its choices.</summary>
public sealed class Follower<TState, TSeen>(TState start, Random random) where TState : class where TSeen : class
{
    public TState State { get; private set; } = start;

    /// <summary>Takes one of the answers that the model allows in <see cref="State"/>.</summary>
    public TSeen Choose(Func<TState, Allowed<TState, TSeen>> operation)
    {
        ArgumentNullException.ThrowIfNull(operation);
        var alternatives = operation(State).Alternatives;
        var (seen, then) = alternatives[random.Next(alternatives.Length)];
        State = then;
        return seen;
    }
}
