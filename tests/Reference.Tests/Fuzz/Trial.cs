using System.Diagnostics;
using HvLab.Reference.Models.Fuzz;

namespace HvLab.Reference.Tests.Fuzz;

/// <summary>A row of the table of faults: what the fuzzer made of a faulty machine.</summary>
internal sealed record FaultRow(string Fault, int Plans, string Signature, IReadOnlyList<string> Plan, string Rate, double Seconds)
{
    public override string ToString() => $"{Fault,-32} {Plans,6} {Plan.Count,5} {Rate,-22} {Seconds,6:0.0}s  {Signature}";
    public const string Head = "fault                             plans   ops rate                     took   what was seen";
}

/// <summary>One campaign against a machine in this process, until the first finding.</summary>
internal static class Trial
{
    public const int MostPlans = 20_000;

    public static async Task<FaultRow?> FindAsync<TState, TOp, TSeen>(
        string fault, FuzzSubject<TState, TOp, TSeen> subject, Func<Random, Func<TOp, TSeen>> machine, ulong seed = 1, int plans = MostPlans)
        where TState : class, IEquatable<TState> where TOp : class where TSeen : class
    {
        var clock = Stopwatch.StartNew();
        var campaign = new Campaign<TState, TOp, TSeen>(subject, new SimulatedMachine<TOp, TSeen>(machine, seed: 7),
            new() { Seed = seed, MaxPlans = plans, MaxFindings = 1, MaxBatch = 50 });
        var result = await campaign.RunAsync(CancellationToken.None);
        return result.Findings.Count == 0 ? null : Row(fault, result.Findings[0], clock.Elapsed);
    }

    private static FaultRow Row<TOp, TSeen>(string fault, Finding<TOp, TSeen> finding, TimeSpan took) => new(
        fault, finding.FoundBy, $"{finding.Signature}", [.. finding.Run.Events.Select(seen => $"{seen.Operation}: {seen.Seen}")], $"{finding.Rate}", took.TotalSeconds);
}
