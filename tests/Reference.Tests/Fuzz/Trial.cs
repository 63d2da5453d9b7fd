using System.Diagnostics;
using HvLab.Reference.Models.Fuzz;

namespace HvLab.Reference.Tests.Fuzz;

/// <summary>What the fuzzer made of a faulty machine.</summary>
/// <param name="Plans">Until it was found.</param>
/// <param name="Plan">Steps of the small plan, with what was seen.</param>
internal sealed record FaultRow(int Plans, string Signature, IReadOnlyList<string> Plan, string Rate, double Seconds);

/// <summary>One campaign against a machine in this process, until the first finding.</summary>
internal static class Trial
{
    public const int MostPlans = 20_000;

    public static async Task<FaultRow?> FindAsync<TState, TOp, TSeen>(
        FuzzSubject<TState, TOp, TSeen> subject, Func<Random, Func<TOp, TSeen>> machine, int plans = MostPlans, int operations = 20)
        where TState : class, IEquatable<TState> where TOp : class where TSeen : class
    {
        var clock = Stopwatch.StartNew();
        var campaign = new Campaign<TState, TOp, TSeen>(subject, new SimulatedMachine<TOp, TSeen>(machine, seed: 7),
            new() { MaxPlans = plans, MaxFindings = 1, MaxBatch = 50, Operations = operations });
        var result = await campaign.RunAsync(CancellationToken.None);
        return result.Findings.Count == 0 ? null : Row(result.Findings[0], clock.Elapsed);
    }

    private static FaultRow Row<TOp, TSeen>(Finding<TOp, TSeen> finding, TimeSpan took) => new(
        finding.FoundBy, $"{finding.Signature}", [.. finding.Run.Events.Select(seen => $"{seen.Operation}: {seen.Seen}")], $"{finding.Rate}", took.TotalSeconds);
}
