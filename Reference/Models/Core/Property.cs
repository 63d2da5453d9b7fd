namespace HvLab.Reference.Models;

/// <summary>What must be true of every step of a model, said without the model's own code: a check of the model, not of the machine.</summary>
/// <param name="Name">Short and stable; tests name it.</param>
/// <param name="Rule">The sentence that it follows from.</param>
/// <param name="Holds">False where the step breaks it.</param>
public sealed record Property<TState, TOp, TSeen>(string Name, Rule Rule, Func<Transition<TState, TOp, TSeen>, bool> Holds)
{
    public override string ToString() => $"{Name}: {Rule}";
}
