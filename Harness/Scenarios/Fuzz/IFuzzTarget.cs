using System.Text.Json;
using HvLab.Reference.Models.Fuzz;

namespace HvLab.Harness.Scenarios.Fuzz;

/// <summary>What became of one plan in a box.</summary>
/// <param name="Stop">Null where the plan came to its end.</param>
public sealed record FuzzAnswer(IReadOnlyList<RawEvent> Events, PlanStop? Stop);

/// <summary>A box that runs plans in batches.</summary>
public interface IFuzzBox
{
    /// <returns>One for each plan, in order.</returns>
    Task<IReadOnlyList<FuzzAnswer>> RunAsync(IReadOnlyList<IScenario> plans, CancellationToken cancellation);

    /// <summary>This trouble has been told: the box need not stop for it again.</summary>
    void Settle(PlanStop stop);
}

/// <summary>One thing that was found, whatever its subsystem.</summary>
/// <param name="Scenario">The smallest plan that shows it.</param>
/// <param name="Answer">What was seen of it.</param>
/// <param name="FirstLength">Operations of the first plan that showed it, up to there.</param>
/// <param name="FoundBy">Number of that plan, from 1.</param>
/// <param name="ShrinkRuns">Plans that shrinking ran; 0 where nothing was shrunk.</param>
public sealed record FuzzFinding(
    IScenario Scenario, Signature Signature, Rate Rate, FuzzAnswer Answer, bool IsOfTheMachine, int FirstLength, int FoundBy,
    int ShrinkRounds, int ShrinkRuns, bool IsMinimal, TimeSpan ShrinkTook)
{
    /// <summary>Plans that showed it, as far as is known.</summary>
    public int Plans { get; init; } = 1;
}

/// <summary>What a campaign came to, whatever its subsystem.</summary>
/// <param name="Slowest">Kinds of operation and answer that took longest, all in all.</param>
/// <param name="Coverage">Null where the campaign was interrupted.</param>
public sealed record FuzzOutcome(
    int Plans, long Operations, IReadOnlyList<FuzzFinding> Findings, IReadOnlyDictionary<string, int> Known, CoverageReport? Coverage,
    IReadOnlyList<(string Operation, string Seen, int Count, TimeSpan Took)> Slowest, TimeSpan Elapsed, bool Interrupted);

/// <summary>A subsystem that can be driven by random plans.</summary>
public interface IFuzzTarget
{
    string Subsystem { get; }
    HostNeed Needs { get; }
    IReadOnlyList<Quirk> Quirks { get; }

    /// <summary>A plan as a scenario file holds it.</summary>
    /// <exception cref="JsonException">It is no plan of this subsystem.</exception>
    IScenario Read(string name, string claim, JsonElement plan);

    /// <param name="maxStates">For the exploration that coverage is compared with.</param>
    /// <param name="found">Told about each finding when it is complete.</param>
    Task<FuzzOutcome> RunAsync(
        CampaignOptions options, IFuzzBox box, int maxStates, Action<CampaignProgress> progress, Action<FuzzFinding> found, CancellationToken cancellation);

    /// <summary>Hides a scenario that diverges behind random operations and makes the plan small again: for measuring how long that takes.</summary>
    /// <param name="operations">Of the plan that is shrunk.</param>
    /// <returns>Null where no such plan diverged.</returns>
    Task<FuzzFinding?> ShrinkAsync(IScenario known, int operations, CampaignOptions options, IFuzzBox box, CancellationToken cancellation);

    /// <summary>The next plans of a seed.</summary>
    IReadOnlyList<IScenario> Plans(ulong seed, int operations, int count);
}
