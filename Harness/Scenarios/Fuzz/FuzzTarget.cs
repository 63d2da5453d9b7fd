using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using HvLab.Reference.Models;
using HvLab.Reference.Models.Fuzz;

namespace HvLab.Harness.Scenarios.Fuzz;

/// <summary>Joins a subject's plans with a subsystem's scenarios.</summary>
/// <param name="scenario">(name, claim, operations): the scenario that carries them out.</param>
/// <param name="operationsOf">Its inverse.</param>
/// <param name="read">(name, claim, plan as it travels): the same scenario again.</param>
/// <param name="bound">Answers that take longer are divergences.</param>
public sealed class FuzzTarget<TState, TOp, TSeen>(
    FuzzSubject<TState, TOp, TSeen> subject, Func<string, string, IReadOnlyList<TOp>, IScenario> scenario, Func<IScenario, IReadOnlyList<TOp>> operationsOf,
    Func<string, string, JsonElement, IScenario> read, JsonTypeInfo<TSeen> seen, TimeSpan bound) : IFuzzTarget
    where TState : class, IEquatable<TState> where TOp : class where TSeen : class
{
    private const int Paddings = 16, MostSlow = 12;

    public string Subsystem => subject.Name;
    public HostNeed Needs => scenario("needs", "", []).Needs;
    public IReadOnlyList<Quirk> Quirks => subject.Quirks;

    public IScenario Read(string name, string claim, JsonElement plan) => read(name, claim, plan);

    public IReadOnlyList<IScenario> Plans(ulong seed, int operations, int count)
    {
        var generator = new PlanGenerator<TState, TOp, TSeen>(subject, seed, operations);
        return [.. Enumerable.Range(1, count).Select(number => scenario($"plan-{seed}-{number}", "A random plan.", generator.Next()))];
    }

    public async Task<FuzzOutcome> RunAsync(
        CampaignOptions options, IFuzzBox box, int maxStates, Action<CampaignProgress> progress, Action<FuzzFinding> found, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(box);
        ArgumentNullException.ThrowIfNull(found);
        var campaign = new Campaign<TState, TOp, TSeen>(subject, new Machine(scenario, seen, box), options with { Bound = bound }, progress, finding =>
        {
            if (finding.Run.Stop is { } stop)
                box.Settle(stop);
            found(Tell(finding, options.Seed));
        });
        var result = await campaign.RunAsync(cancellation);
        return new(result.Plans, result.Operations, [.. result.Findings.Select(finding => Tell(finding, options.Seed))], result.Known,
            result.Interrupted ? null : result.Coverage.Report(maxStates, cancellation), result.Coverage.Slowest(MostSlow), result.Elapsed, result.Interrupted);
    }

    public async Task<FuzzFinding?> ShrinkAsync(
        IScenario known, int operations, CampaignOptions options, IFuzzBox box, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(known);
        ArgumentNullException.ThrowIfNull(options);
        var core = operationsOf(known);
        var generator = new PlanGenerator<TState, TOp, TSeen>(subject, options.Seed, operations - core.Count);
        var plans = Enumerable.Range(0, Paddings).Select(_ => (IReadOnlyList<TOp>)[.. generator.Next(), .. core]).ToList();
        var machine = new Machine(scenario, seen, box);
        var judge = new CampaignJudge<TState, TOp, TSeen>(subject, options with { Bound = bound });
        var runs = await machine.RunAsync(plans, cancellation);
        var judged = plans.Select((plan, index) => judge.Judge(plan, runs[index])).ToList();
        var last = Enumerable.Range(0, plans.Count).Where(index => judged[index].Signature is not null && plans[index].Count == operations)
            .OrderByDescending(index => judged[index].Step).FirstOrDefault(-1);
        return last < 0 ? null : Tell(await new Confirmation<TState, TOp, TSeen>(subject, judge, options with { Bound = bound }, machine.RunAsync, _ => { })
            .ConfirmAsync(plans[last], runs[last], judged[last], 1, cancellation), options.Seed);
    }

    private FuzzFinding Tell(Finding<TOp, TSeen> finding, ulong seed) => new(
        scenario($"fuzz-{seed}-{finding.FoundBy}", $"Found by random plans: {finding.Signature}.", finding.Plan),
        finding.Signature, finding.Rate, new(Raw(finding.Run.Events), finding.Run.Stop), finding.IsOfTheMachine, finding.FirstLength, finding.FoundBy,
        finding.Shrinking?.Rounds ?? 0, finding.Shrinking?.Runs ?? 0, finding.Shrinking?.IsMinimal ?? false, finding.ShrinkTook) { Plans = finding.Plans };

    private RawEvent[] Raw(IReadOnlyList<Event<TOp, TSeen>> events)
    {
        var at = 0L;
        var raw = new RawEvent[events.Count];
        for (var step = 0; step < raw.Length; step++)
        {
            var took = (long)events[step].Took.TotalMicroseconds;
            raw[step] = new(step, at, took, JsonSerializer.SerializeToElement(events[step].Seen, seen));
            at += took;
        }
        return raw;
    }

    private sealed class Machine(Func<string, string, IReadOnlyList<TOp>, IScenario> scenario, JsonTypeInfo<TSeen> seen, IFuzzBox box) : IPlanMachine<TOp, TSeen>
    {
        private long _number;

        public async Task<IReadOnlyList<PlanRun<TOp, TSeen>>> RunAsync(IReadOnlyList<IReadOnlyList<TOp>> plans, CancellationToken cancellation)
        {
            var answers = await box.RunAsync([.. plans.Select(plan => scenario($"plan-{++_number}", "A random plan.", plan))], cancellation);
            return [.. plans.Zip(answers, Read)];
        }

        private PlanRun<TOp, TSeen> Read(IReadOnlyList<TOp> plan, FuzzAnswer answer)
        {
            var events = new List<Event<TOp, TSeen>>(answer.Events.Count);
            foreach (var raw in answer.Events)
                try
                {
                    events.Add(new(plan[events.Count], raw.Seen.Deserialize(seen) ?? throw new JsonException("it is null"), TimeSpan.FromMicroseconds(raw.TookMicros)));
                }
                catch (Exception malformed) when (malformed is JsonException or NotSupportedException or InvalidOperationException or ArgumentException or FormatException)
                {
                    return new(events, new(IsHost: false, "an observation that makes no sense", malformed.Message));
                }
            return new(events, answer.Stop);
        }
    }
}
