namespace HvLab.Reference.Models.Fuzz;

/// <summary>What tells one divergence from another: two plans with the same one found the same thing.</summary>
/// <param name="Operation">Kind of the operation whose answer nothing explains.</param>
/// <param name="Seen">Kind of that answer; "late" in front where it came too late, "host" or "lab" where there was none.</param>
/// <param name="Shape">The abstract state before.</param>
public sealed record Signature(string Operation, string Seen, string Shape)
{
    public override string ToString() => $"{Operation} sees {Seen} where {Shape}";
}

/// <summary>A step of the model in abstract words: what coverage counts.</summary>
public readonly record struct AbstractStep(string From, string Operation, string Seen);
