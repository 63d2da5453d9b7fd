namespace HvLab.Reference.Models.Fuzz;

public enum Regularity
{
    /// <summary>Each time that the plan was run.</summary>
    Always,
    /// <summary>Some of the times.</summary>
    Sometimes,
    /// <summary>Once, when it was found, and not when it was run again.</summary>
    NeverAgain,
}

/// <summary>How often a plan showed what it was found for, of the times it was run again.</summary>
public readonly record struct Rate(int Times, int Runs)
{
    public Regularity Regularity => Times == 0 ? Regularity.NeverAgain : Times == Runs ? Regularity.Always : Regularity.Sometimes;
    public override string ToString() => Regularity switch
    {
        Regularity.Always => $"always ({Times} of {Runs})",
        Regularity.Sometimes => $"sometimes ({Times} of {Runs})",
        _ => $"never again (0 of {Runs})",
    };
}

/// <summary>One thing that a campaign found.</summary>
/// <param name="Signature">After shrinking: what makes it one thing.</param>
/// <param name="Plan">The smallest plan that shows it.</param>
/// <param name="Run">What was seen of that plan, or of the first where it never came again.</param>
/// <param name="Rate">Of the smallest plan.</param>
/// <param name="FirstLength">Operations of the plan that showed it first, to the divergence.</param>
/// <param name="FoundBy">The number of the plan that showed it first, from 1.</param>
public sealed record Finding<TOp, TSeen>(
    Signature Signature, IReadOnlyList<TOp> Plan, PlanRun<TOp, TSeen> Run, FirstDivergence<TSeen>? Divergence, Rate Rate,
    int FirstLength, int FoundBy, Shrunk<TOp>? Shrinking, TimeSpan ShrinkTook)
{
    /// <summary>Plans that showed it, this one included.</summary>
    public int Plans { get; set; } = 1;
    /// <summary>The machine is at fault, and not the lab.</summary>
    public bool IsOfTheMachine => Divergence is not null || Run.Stop is { IsHost: true };
}

/// <summary>What a campaign was asked for.</summary>
public sealed record CampaignOptions
{
    public ulong Seed { get; init; } = 1;
    /// <summary>Operations of a plan.</summary>
    public int Operations { get; init; } = 20;
    public int MaxPlans { get; init; } = int.MaxValue;
    /// <summary>No batch begins after this time.</summary>
    public TimeSpan For { get; init; } = Timeout.InfiniteTimeSpan;
    /// <summary>Plans of the first batch; later ones take about <see cref="BatchFor"/>.</summary>
    public int FirstBatch { get; init; } = 20;
    public int MaxBatch { get; init; } = 400;
    public TimeSpan BatchFor { get; init; } = TimeSpan.FromSeconds(8);
    /// <summary>How often a plan that diverged is run again.</summary>
    public int Confirmations { get; init; } = 5;
    /// <summary>What shrinking one plan may take.</summary>
    public TimeSpan ShrinkFor { get; init; } = TimeSpan.FromSeconds(60);
    /// <summary>Of one kind of operation with one kind of answer, so many plans are made small; more only count.</summary>
    public int MostOfAKind { get; init; } = 4;
    /// <summary>Findings after which the campaign ends.</summary>
    public int MaxFindings { get; init; } = int.MaxValue;
    /// <summary>Names of deviations that the machine is known to have.</summary>
    public IReadOnlyList<string> KnownQuirks { get; init; } = [];
    /// <summary>Answers that come later are divergences.</summary>
    public TimeSpan Bound { get; init; } = TimeSpan.FromSeconds(2);
    public TimeProvider Clock { get; init; } = TimeProvider.System;
}

/// <summary>How far a campaign has come.</summary>
public sealed record CampaignProgress(int Plans, long Operations, int Findings, int KnownDeviations, int AbstractSteps, TimeSpan Elapsed, string Doing);

/// <summary>What a campaign came to.</summary>
/// <param name="Known">Plans that showed a known deviation, by its name; "several" where it takes more than one to explain the plan.</param>
/// <param name="MachineTime">Spent in the machine.</param>
public sealed record CampaignResult<TState, TOp, TSeen>(
    int Plans, long Operations, IReadOnlyList<Finding<TOp, TSeen>> Findings, IReadOnlyDictionary<string, int> Known,
    Coverage<TState, TOp, TSeen> Coverage, TimeSpan Elapsed, TimeSpan MachineTime, bool Interrupted)
    where TState : class, IEquatable<TState> where TOp : class where TSeen : class;
