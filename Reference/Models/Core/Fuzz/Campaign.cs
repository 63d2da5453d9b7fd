namespace HvLab.Reference.Models.Fuzz;

/// <summary>Random plans on a machine until time or plans run out; what diverges is confirmed, made small, and told apart.</summary>
/// <param name="found">Told about each finding when it is complete, so that an end at any moment loses none.</param>
public sealed class Campaign<TState, TOp, TSeen>(
    FuzzSubject<TState, TOp, TSeen> subject, IPlanMachine<TOp, TSeen> machine, CampaignOptions options,
    Action<CampaignProgress>? progress = null, Action<Finding<TOp, TSeen>>? found = null)
    where TState : class, IEquatable<TState> where TOp : class where TSeen : class
{
    private readonly TimeProvider _clock = options.Clock;
    private readonly Coverage<TState, TOp, TSeen> _coverage = new(subject);
    private readonly CampaignJudge<TState, TOp, TSeen> _judge = new(subject, options);
    private readonly List<Finding<TOp, TSeen>> _findings = [];
    /// <summary>Every signature that led to a finding, before and after shrinking.</summary>
    private readonly Dictionary<Signature, Finding<TOp, TSeen>> _told = [];
    private readonly Dictionary<(string Operation, string Seen), (int Count, Finding<TOp, TSeen>? Last)> _kinds = [];
    private readonly SortedDictionary<string, int> _known = new(StringComparer.Ordinal);
    private long _begun;
    private int _plans;
    private long _operations;
    private TimeSpan _machineTime;

    /// <remarks>Cancelling ends it cleanly: the result says what was found until then.</remarks>
    public async Task<CampaignResult<TState, TOp, TSeen>> RunAsync(CancellationToken cancellation)
    {
        _begun = _clock.GetTimestamp();
        var generator = new PlanGenerator<TState, TOp, TSeen>(subject, options.Seed, options.Operations);
        var (batch, interrupted) = (options.FirstBatch, false);
        try
        {
            while (!IsOver)
            {
                cancellation.ThrowIfCancellationRequested();
                var plans = Enumerable.Range(0, Math.Min(batch, options.MaxPlans - _plans)).Select(_ => generator.Next()).ToList();
                var began = _clock.GetTimestamp();
                var runs = await RunAsync(plans, cancellation);
                batch = NextBatch(plans.Count, _clock.GetElapsedTime(began));
                for (var index = 0; index < plans.Count && _findings.Count < options.MaxFindings; index++)
                    await TakeAsync(plans[index], runs[index], cancellation);
                Tell("running plans");
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            interrupted = true;
        }
        return new(_plans, _operations, _findings, _known, _coverage, _clock.GetElapsedTime(_begun), _machineTime, interrupted);
    }

    private bool IsOver => _plans >= options.MaxPlans || _findings.Count >= options.MaxFindings
        || (options.For != Timeout.InfiniteTimeSpan && _clock.GetElapsedTime(_begun) >= options.For);

    private int NextBatch(int plans, TimeSpan took)
    {
        var fitting = plans * options.BatchFor.TotalSeconds / Math.Max(took.TotalSeconds, 0.001);
        if (options.For != Timeout.InfiniteTimeSpan)
            fitting = Math.Min(fitting, plans * (options.For - _clock.GetElapsedTime(_begun)).TotalSeconds / Math.Max(took.TotalSeconds, 0.001));
        return (int)Math.Clamp(fitting, 1, options.MaxBatch);
    }

    private async Task TakeAsync(IReadOnlyList<TOp> plan, PlanRun<TOp, TSeen> run, CancellationToken cancellation)
    {
        _plans++;
        _operations += run.Events.Count;
        foreach (var seen in run.Events)
            _coverage.Time(seen);
        var judged = _judge.Judge(plan, run, _coverage.Add);
        if (judged.Quirk is { } quirk)
            _known[quirk] = _known.GetValueOrDefault(quirk) + 1;
        if (judged.Signature is not { } signature)
            return;
        if (_told.TryGetValue(signature, out var known))
        {
            known.Plans++;
            return;
        }
        var kind = (signature.Operation, signature.Seen);
        if (_kinds.GetValueOrDefault(kind) is { Count: var count, Last: { } last } && count >= options.MostOfAKind)
        {
            // One fault in a hundred states would take all of the campaign.
            last.Plans++;
            return;
        }
        cancellation.ThrowIfCancellationRequested();
        Tell($"confirming: {signature}");
        var finding = await new Confirmation<TState, TOp, TSeen>(subject, _judge, options, RunAsync, doing => Tell(doing))
            .ConfirmAsync(plan, run, judged, _plans, cancellation);
        _kinds[kind] = (_kinds.GetValueOrDefault(kind).Count + 1, _told.GetValueOrDefault(finding.Signature) ?? finding);
        if (_told.TryGetValue(finding.Signature, out var same))
        {
            same.Plans++;
            _told[signature] = same;
            return;
        }
        _findings.Add(finding);
        _told[signature] = _told[finding.Signature] = finding;
        found?.Invoke(finding);
    }

    private async Task<IReadOnlyList<PlanRun<TOp, TSeen>>> RunAsync(IReadOnlyList<IReadOnlyList<TOp>> plans, CancellationToken cancellation)
    {
        var began = _clock.GetTimestamp();
        try
        {
            return await machine.RunAsync(plans, cancellation);
        }
        finally
        {
            _machineTime += _clock.GetElapsedTime(began);
        }
    }

    private void Tell(string doing) => progress?.Invoke(new(_plans, _operations, _findings.Count, _known.Values.Sum(), _coverage.Visited.Count, _clock.GetElapsedTime(_begun), doing));
}
