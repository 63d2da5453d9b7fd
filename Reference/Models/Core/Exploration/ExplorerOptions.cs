namespace HvLab.Reference.Models.Exploration;

/// <summary>Ways to visit fewer states without losing a verdict on <see cref="Always{TState,TStep}"/> and <see cref="EachStep{TState,TStep}"/>.</summary>
/// <remarks>A <see cref="Wakes{TState,TStep}"/> is left undecided under either: it is about one actor and about what is not taken.</remarks>
[Flags]
public enum Reduction
{
    None = 0,
    /// <summary>States that differ only by a renaming of equal actors count as one.</summary>
    Symmetry = 1,
    /// <summary>Where an actor has a step that nobody else can notice, only that one is taken.</summary>
    PartialOrder = 2,
}

/// <summary>How far and how an exploration goes.</summary>
public sealed record ExplorerOptions
{
    /// <summary>Threads; the states are divided among them. The verdicts and counts never depend on it, and with one neither does the choice among equally short counterexamples.</summary>
    public int Workers { get; init; } = 1;
    public long MaxStates { get; init; } = 200_000_000;
    /// <summary>Bytes that visited states may take; an exploration that would need more ends unfinished.</summary>
    public long MaxBytes { get; init; } = 2L << 30;
    public Reduction Reduction { get; init; }
    /// <summary>Told about <see cref="ProgressEvery"/> while it goes on.</summary>
    public IProgress<ExplorationProgress>? Progress { get; init; }
    public TimeSpan ProgressEvery { get; init; } = TimeSpan.FromSeconds(1);
    public TimeProvider Clock { get; init; } = TimeProvider.System;
    /// <summary>Checked about every 16,384 states a worker.</summary>
    public CancellationToken Cancellation { get; init; }
}

/// <summary>How far an exploration has come.</summary>
/// <param name="Depth">Steps from the start to the states that are being expanded.</param>
/// <param name="Bytes">Taken by visited states, with the index over them.</param>
public readonly record struct ExplorationProgress(long States, long Transitions, int Depth, TimeSpan Elapsed, long Bytes)
{
    public double StatesPerSecond => Elapsed > TimeSpan.Zero ? States / Elapsed.TotalSeconds : 0;
}
