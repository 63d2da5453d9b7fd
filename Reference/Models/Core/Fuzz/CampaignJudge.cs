namespace HvLab.Reference.Models.Fuzz;

/// <param name="Quirk">The known deviation that the plan showed; it may have a signature besides, for what comes after.</param>
public sealed record CampaignJudgement<TSeen>(FirstDivergence<TSeen>? Divergence, Signature? Signature, int Step, string? Quirk);

/// <summary>Judges by the documented model first, and what that does not explain by the model with the machine's known deviations.</summary>
public sealed class CampaignJudge<TState, TOp, TSeen>
    where TState : class, IEquatable<TState> where TOp : class where TSeen : class
{
    private readonly TraceJudge<TState, TOp, TSeen> _documented;
    private readonly TraceJudge<TState, TOp, TSeen>? _withAll;
    private readonly List<(string Name, TraceJudge<TState, TOp, TSeen> Judge)> _withOne;

    public CampaignJudge(FuzzSubject<TState, TOp, TSeen> subject, CampaignOptions options)
    {
        ArgumentNullException.ThrowIfNull(subject);
        ArgumentNullException.ThrowIfNull(options);
        _documented = new(subject, subject.Start, options.Bound);
        _withAll = options.KnownQuirks.Count == 0 ? null : new(subject, subject.StartOf(options.KnownQuirks), options.Bound);
        _withOne = [.. options.KnownQuirks.Select(quirk => (quirk, new TraceJudge<TState, TOp, TSeen>(subject, subject.StartOf([quirk]), options.Bound)))];
    }

    public CampaignJudgement<TSeen> Judge(IReadOnlyList<TOp> plan, PlanRun<TOp, TSeen> run, Action<Transition<TState, TOp, TSeen>>? visit = null)
    {
        var documented = _documented.Judge(plan, run, visit);
        if (documented.Divergence is null || documented.Divergence.Late || _withAll is null)
            return new(documented.Divergence, documented.Signature, documented.Step, null);
        var known = _withAll.Judge(plan, run);
        if (known.Divergence is { } still && still.Step <= documented.Divergence.Step)
            return new(documented.Divergence, documented.Signature, documented.Step, null);
        var explains = _withOne.FirstOrDefault(one => one.Judge.Judge(plan, run).Divergence is not { } other || other.Step > documented.Divergence.Step);
        return new(known.Divergence, known.Signature, known.Step, explains.Name ?? "several");
    }
}
