namespace HvLab.Reference.Models.Fuzz;

/// <summary>One thing that a plan may ask for, and how often against the others.</summary>
/// <param name="Weight">1 to 1000; 10 is usual.</param>
public readonly record struct Choice<TOp>(int Weight, TOp Operation);

/// <summary>How a plan may begin: random plans alone would seldom switch on what everything else needs.</summary>
public sealed record Opening<TOp>(int Weight, params IReadOnlyList<TOp> Operations);

/// <summary>A model's deviation that is known of some machines: the model with it, as <see cref="FuzzSubject{TState,TOp,TSeen}.StartOf"/> takes it.</summary>
/// <param name="Name">Stable.</param>
/// <param name="Scenario">The scenario that shows it alone: where lab-config knows that one to deviate, the machine has it.</param>
public sealed record Quirk(string Name, string Scenario);

/// <summary>A model as random plans see it: what may be done, and in which words its states and answers are counted.</summary>
/// <remarks>Called from one thread at a time.</remarks>
public abstract class FuzzSubject<TState, TOp, TSeen>
    where TState : class, IEquatable<TState> where TOp : class where TSeen : class
{
    /// <summary>The subsystem's name, or the model's where no probe knows it.</summary>
    public abstract string Name { get; }
    /// <summary>Everything that plans are made of.</summary>
    public abstract IReadOnlyList<Choice<TOp>> Operations { get; }
    public virtual IReadOnlyList<Opening<TOp>> Openings => [];
    public virtual IReadOnlyList<Quirk> Quirks => [];

    /// <summary>The state before the first operation, of a machine that has these deviations; none: as documented.</summary>
    public abstract TState StartOf(IReadOnlyCollection<string> quirks);
    public TState Start => StartOf([]);

    public abstract Allowed<TState, TSeen> Apply(TOp operation, TState state);

    /// <summary>The operation makes no sense there: nothing was done.</summary>
    public abstract bool IsRefusal(TSeen seen);

    /// <summary>False where the model does not say what a machine does: no plan may come there.</summary>
    public virtual bool IsInScope(TOp operation, TState state) => true;

    /// <summary>Plans sometimes ask for what makes no sense: whether it is refused is an answer of the machine, and not of who drives it.</summary>
    public virtual bool AsksForRefusals => false;

    /// <summary>An answer that a machine gives only when a bound has run out: plans seldom ask for one.</summary>
    public virtual bool IsSlow(TSeen seen) => false;

    /// <summary>The operation without its places and values: "touch".</summary>
    public virtual string KindOf(TOp operation) => KebabName.Of(operation.GetType());

    /// <summary>The answer without its values: "not-present".</summary>
    public virtual string KindOf(TSeen seen) => KebabName.Of(seen.GetType());

    /// <summary>
    /// The abstract state: what of a state matters to an operation, without names of vCPUs and pages. Coverage counts these, and
    /// divergences are told apart by them.
    /// </summary>
    public abstract string ShapeOf(TState state, TOp operation);

    /// <summary>Simpler operations that may show the same, simplest first: fewer vCPUs, the first page, the plain access.</summary>
    public virtual IEnumerable<TOp> Simpler(TOp operation) => [];

    /// <summary>What exploration visits, for comparison: fewer places, so that it comes to an end.</summary>
    public abstract (TState Start, IReadOnlyList<TOp> Operations) Bounded { get; }
    /// <summary>The bounds of <see cref="Bounded"/> in words.</summary>
    public abstract string BoundedTo { get; }
}
