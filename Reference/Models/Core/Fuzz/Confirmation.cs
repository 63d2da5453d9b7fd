namespace HvLab.Reference.Models.Fuzz;

/// <summary>Runs a plan that diverged again, makes it small on the machine, and says how often it shows what it showed.</summary>
public sealed class Confirmation<TState, TOp, TSeen>(
    FuzzSubject<TState, TOp, TSeen> subject, CampaignJudge<TState, TOp, TSeen> judge, CampaignOptions options,
    Func<IReadOnlyList<IReadOnlyList<TOp>>, CancellationToken, Task<IReadOnlyList<PlanRun<TOp, TSeen>>>> run, Action<string> tell)
    where TState : class, IEquatable<TState> where TOp : class where TSeen : class
{
    /// <summary>A plan that shows it seldom is run this often at most before it counts as not showing it.</summary>
    private const int MostRepeats = 40;
    /// <summary>A plan that shows it as often as the first did shows it so many times in its repeats, on average.</summary>
    private const double ExpectedShows = 4;
    /// <summary>A plan that takes longer costs more than the exchange that brings it to the machine.</summary>
    private const double SlowSeconds = 0.3;
    /// <summary>What comes seldom is asked for this many times more often.</summary>
    private const int SeldomFactor = 5;

    /// <param name="found">Number of the plan in its campaign.</param>
    public async Task<Finding<TOp, TSeen>> ConfirmAsync(
        IReadOnlyList<TOp> plan, PlanRun<TOp, TSeen> first, CampaignJudgement<TSeen> judged, int found, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(judged);
        // What comes after the divergence has no part in it.
        IReadOnlyList<TOp> cut = [.. plan.Take(judged.Step + 1)];
        var (rate, seen) = await RepeatAsync(cut, judged.Signature!, options.Confirmations, cancellation);
        if (rate.Regularity != Regularity.Always)
        {
            // Five times say little about what comes now and then.
            var (more, again) = await RepeatAsync(cut, judged.Signature!, options.Confirmations * SeldomFactor, cancellation);
            (rate, seen) = (new(rate.Times + more.Times, rate.Runs + more.Runs), seen ?? again);
        }
        if (rate.Times == 0)
            return new(judged.Signature!, cut, new([.. first.Events.Take(cut.Count)], first.Stop), judged.Divergence, rate, cut.Count, found, null, TimeSpan.Zero);

        var began = options.Clock.GetTimestamp();
        var repeats = Repeats(rate);
        var shrinker = new Shrinker<TOp>((plans, token) => ShowsAsync(plans, judged.Signature!, repeats, token),
            tries => TidyPlan.Of(subject, tries), subject.Simpler, PaceOf(seen!));
        var shrunk = await shrinker.ShrinkAsync(cut, () => options.Clock.GetElapsedTime(began) > options.ShrinkFor, cancellation);
        var took = options.Clock.GetElapsedTime(began);
        var (last, small) = await RepeatAsync(shrunk.Plan, judged.Signature!, rate.Regularity == Regularity.Always ? options.Confirmations : repeats * 2, cancellation);
        // A plan that became too small by luck is none: then the one that was confirmed is told.
        var (told, shown, often) = small is not null ? (shrunk.Plan, small, last) : (cut, seen!, rate);
        var now = judge.Judge(told, shown);
        return new(now.Signature!, told, shown, now.Divergence, often, cut.Count, found, small is not null ? shrunk : null, took);
    }

    private async Task<(Rate Rate, PlanRun<TOp, TSeen>? Shown)> RepeatAsync(IReadOnlyList<TOp> plan, Signature signature, int times, CancellationToken cancellation)
    {
        var runs = await run([.. Enumerable.Repeat(plan, times)], cancellation);
        var shown = runs.Where(one => IsSame(judge.Judge(plan, one).Signature, signature)).ToList();
        return (new(shown.Count, times), shown.FirstOrDefault());
    }

    private async Task<IReadOnlyList<bool>> ShowsAsync(IReadOnlyList<IReadOnlyList<TOp>> plans, Signature signature, int repeats, CancellationToken cancellation)
    {
        tell($"shrinking: {plans.Count} plans to try, {plans[0].Count} operations");
        // Among many plans that show it hardly ever, some show it once: the smallest would win, and not be seen again.
        var needed = repeats >= 8 ? 2 : 1;
        var runs = await run([.. plans.SelectMany(plan => Enumerable.Repeat(plan, repeats))], cancellation);
        return [.. plans.Select((plan, index) =>
            Enumerable.Range(index * repeats, repeats).Count(at => IsSame(judge.Judge(plan, runs[at]).Signature, signature)) >= needed)];
    }

    private static ShrinkPace PaceOf(PlanRun<TOp, TSeen> run) =>
        run.Stop is { IsHost: true } ? ShrinkPace.OneByOne
        : run.Events.Sum(seen => seen.Took.TotalSeconds) > SlowSeconds ? ShrinkPace.BySize
        : ShrinkPace.AllAtOnce;

    // The state before may become simpler on the way; what is done and what is seen may not.
    private static bool IsSame(Signature? one, Signature other) => one is not null && one.Operation == other.Operation && one.Seen == other.Seen;

    private static int Repeats(Rate rate) => rate.Regularity == Regularity.Always ? 1
        : Math.Clamp((int)Math.Ceiling(ExpectedShows * rate.Runs / rate.Times), 2, MostRepeats);
}
