namespace HvLab.Reference.Models.Exploration;

public enum ClaimVerdict
{
    /// <summary>True of everything that can be reached within the bounds.</summary>
    Holds,
    /// <summary>There is a run that breaks it; the one given is a shortest.</summary>
    Broken,
    /// <summary>Not broken by what was visited, but that was not everything.</summary>
    Undecided,
}

/// <summary>One step of a run, with the states around it.</summary>
public readonly record struct Move<TState, TStep>(TState From, TStep Step, TState To);

/// <summary>What became of a claim.</summary>
/// <param name="Counterexample">
/// From the start to the state or step that breaks the claim; for <see cref="Wakes{TState,TStep}"/>, to a state from which the
/// sleeper cannot wake. Null unless broken; empty where the start itself breaks it.
/// </param>
public sealed record Finding<TState, TStep>(Claim<TState, TStep> Claim, ClaimVerdict Verdict, IReadOnlyList<Move<TState, TStep>>? Counterexample)
    where TState : notnull, IEquatable<TState>;

/// <summary>Everything that an exploration found.</summary>
/// <param name="Transitions">Steps that were followed, repeats included.</param>
/// <param name="Depth">Steps to the states that are farthest from the start.</param>
/// <param name="Complete">False where a bound of the options ended it early.</param>
/// <param name="Searched">Time to visit all states; what is left of <paramref name="Elapsed"/> went into counterexamples and into whether sleepers wake.</param>
/// <param name="Bytes">Taken by visited states with the index over them, unused capacity included; what a state refers to is not counted.</param>
/// <param name="States">All visited, the start first; in breadth-first order where one worker explored.</param>
public sealed record Explored<TState, TStep>(
    IReadOnlyCollection<TState> States, long Transitions, int Depth, bool Complete, TimeSpan Searched, TimeSpan Elapsed, long Bytes,
    IReadOnlyList<Finding<TState, TStep>> Findings) where TState : notnull, IEquatable<TState>
{
    public bool AllHold => Findings.All(finding => finding.Verdict == ClaimVerdict.Holds);

    /// <exception cref="InvalidOperationException">There is no such claim.</exception>
    public Finding<TState, TStep> this[string claim] => Findings.Single(finding => finding.Claim.Name == claim);
}
