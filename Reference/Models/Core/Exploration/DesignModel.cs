namespace HvLab.Reference.Models.Exploration;

/// <summary>A system that a discussion weighed designs for: what './hvlab explore' knows about it, whatever its states are.</summary>
public abstract class DesignModel
{
    /// <summary>Stable, as in './hvlab explore NAME'.</summary>
    public abstract string Name { get; }
    /// <summary>The system, in a sentence.</summary>
    public abstract string Summary { get; }
    /// <summary>What is left out: a proof covers only the abstraction.</summary>
    public abstract string OutOfScope { get; }
    /// <summary>Proposed ones first; the first is what is in use, or the discussion's own proposal.</summary>
    public abstract IReadOnlyList<Design> Designs { get; }
    public abstract IReadOnlyList<Bound> Bounds { get; }
    /// <summary>Columns of a drawing, in order: every <see cref="StepText.Actor"/> and <see cref="StepText.On"/>.</summary>
    public abstract IReadOnlyList<string> ActorsOf(Bounds bounds);
    /// <summary>Name and rule of each property.</summary>
    public abstract IReadOnlyList<(string Name, Rule Rule)> Properties { get; }

    /// <exception cref="ArgumentException">There is no such design; the message is for the user.</exception>
    public Design DesignOf(string name) => Designs.FirstOrDefault(design => design.Name == name)
        ?? throw new ArgumentException($"{Name} has no design '{name}'; there are {string.Join(", ", Designs.Select(design => design.Name))}.");

    public abstract DesignFindings Explore(Design design, Bounds bounds, ExplorerOptions? options = null);
}

/// <inheritdoc/>
public abstract class DesignModel<TState, TStep> : DesignModel where TState : notnull, IEquatable<TState>
{
    public abstract ISystem<TState, TStep> SystemOf(Design design, Bounds bounds);
    /// <summary>The same names in the same order for all bounds.</summary>
    public abstract IReadOnlyList<Claim<TState, TStep>> ClaimsOf(Bounds bounds);

    public override IReadOnlyList<(string Name, Rule Rule)> Properties =>
        [.. ClaimsOf(Exploration.Bounds.Of(Bounds)).Select(claim => (claim.Name, claim.Rule))];

    public override DesignFindings Explore(Design design, Bounds bounds, ExplorerOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(design);
        ArgumentNullException.ThrowIfNull(bounds);
        var system = SystemOf(design, bounds);
        var explored = Explorer.Explore(system, ClaimsOf(bounds), options);
        return new(Name, design, bounds, explored.States.Count, explored.Transitions, explored.Depth, explored.Complete, explored.Searched, explored.Elapsed, explored.Bytes,
            [.. explored.Findings.Select(finding => new PropertyFinding(finding.Claim.Name, finding.Claim.Rule, finding.Verdict,
                finding.Counterexample?.Select(move => system.Tell(move.From, move.Step, move.To)).ToArray()))]);
    }
}

/// <summary>What an exploration of one design found, in words.</summary>
public sealed record DesignFindings(
    string Model, Design Design, Bounds Bounds, long States, long Transitions, int Depth, bool Complete, TimeSpan Searched, TimeSpan Elapsed, long Bytes,
    IReadOnlyList<PropertyFinding> Properties)
{
    /// <summary>Names of what is broken.</summary>
    public IEnumerable<string> Broken => Properties.Where(property => property.Verdict == ClaimVerdict.Broken).Select(property => property.Name);
}

/// <param name="Steps">A shortest run that breaks the property; null unless it is broken.</param>
public sealed record PropertyFinding(string Name, Rule Rule, ClaimVerdict Verdict, IReadOnlyList<StepText>? Steps);
