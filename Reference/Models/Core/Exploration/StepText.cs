namespace HvLab.Reference.Models.Exploration;

/// <summary>What somebody takes to be true at a moment, or what is true of a thing.</summary>
/// <param name="Who">An actor or a thing: "vcpu 1", "gfn X", "the queue of CPU 0".</param>
public sealed record Belief(string Who, string What)
{
    public override string ToString() => $"{Who}: {What}";

    /// <summary>Those of <paramref name="after"/> that are not the same in <paramref name="before"/>.</summary>
    public static IReadOnlyList<Belief> Changes(IEnumerable<Belief> before, IEnumerable<Belief> after) => [.. after.Except(before)];
}

/// <summary>One step of a counterexample, as the seed discussions write them down.</summary>
/// <param name="Actor">Who acts. Stable within a model: a drawing has one column for each.</param>
/// <param name="Operation">What it does, a verb first: "takes the p2m lock".</param>
/// <param name="Beliefs">What each believes afterwards; only what matters.</param>
/// <param name="On">The actor or thing that the operation reaches, where there is one: an arrow goes there.</param>
public sealed record StepText(string Actor, string Operation, IReadOnlyList<Belief> Beliefs, string? On = null)
{
    public override string ToString() => $"{Actor} {Operation}";
}
