namespace HvLab.Reference.Models.Fuzz;

/// <summary>How much a shrinker asks at once.</summary>
public enum ShrinkPace
{
    /// <summary>Plans cost little and a batch costs something: everything at once.</summary>
    AllAtOnce,
    /// <summary>Plans cost more than a batch: the halves first, then the quarters, …</summary>
    BySize,
    /// <summary>Each plan that shows it costs a power cycle: one after the other, the largest cuts first, and nothing that is not needed.</summary>
    OneByOne,
}

/// <summary>A plan that was made smaller.</summary>
/// <param name="Plan">Still shows what it was about.</param>
/// <param name="Rounds">Batches that were run.</param>
/// <param name="Runs">Plans that were run, all in all.</param>
/// <param name="IsMinimal">No operation can be left out any more; false where the shrinking was ended early.</param>
public sealed record Shrunk<TOp>(IReadOnlyList<TOp> Plan, int Rounds, int Runs, bool IsMinimal);

/// <summary>
/// Delta debugging on operations, for a machine to which a batch costs little more than a plan: each round asks about leaving
/// out every half, quarter, … and single operation at once, and goes on from the best answer.
/// </summary>
/// <param name="fails">Which of the plans show it still; one answer a plan.</param>
/// <param name="tidy">A plan without the operations that do nothing in it.</param>
/// <param name="simpler">Operations to try in an operation's place, simplest first; never one that leads back.</param>
public sealed class Shrinker<TOp>(
    Func<IReadOnlyList<IReadOnlyList<TOp>>, CancellationToken, Task<IReadOnlyList<bool>>> fails,
    Func<IReadOnlyList<TOp>, IReadOnlyList<TOp>> tidy,
    Func<TOp, IEnumerable<TOp>> simpler,
    ShrinkPace pace = ShrinkPace.AllAtOnce)
    where TOp : class
{
    private readonly Dictionary<string, bool> _answers = [];
    private int _rounds, _runs;

    /// <param name="plan">Shows it.</param>
    /// <param name="enough">Ends the shrinking between two rounds: what it has come to is the answer.</param>
    public async Task<Shrunk<TOp>> ShrinkAsync(IReadOnlyList<TOp> plan, Func<bool> enough, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(enough);
        while (!enough())
        {
            if ((await CutAsync(plan, cancellation) ?? await SimplifyAsync(plan, cancellation)) is not { } smaller)
                return new(plan, _rounds, _runs, IsMinimal: true);
            plan = smaller;
        }
        return new(plan, _rounds, _runs, IsMinimal: false);
    }

    /// <summary>Of cuts that each can be made alone: as many together as can be made. Null where none can.</summary>
    private async Task<IReadOnlyList<TOp>?> CutAsync(IReadOnlyList<TOp> plan, CancellationToken cancellation)
    {
        var all = Cuts(plan.Count);
        var groups = pace switch
        {
            ShrinkPace.AllAtOnce => [all],
            ShrinkPace.BySize => all.GroupBy(cut => cut.End.Value - cut.Start.Value).OrderByDescending(group => group.Key).Select(group => group.ToList()),
            _ => all.Select(cut => new List<Range> { cut }),
        };
        foreach (var cuts in groups)
            if (await CutAsync(plan, cuts, cancellation) is { } shorter)
                return shorter;
        return null;
    }

    private async Task<IReadOnlyList<TOp>?> CutAsync(IReadOnlyList<TOp> plan, List<Range> cuts, CancellationToken cancellation)
    {
        var alone = await AskAsync(plan, [.. cuts.Select(cut => Without(plan, [cut]))], cancellation);
        var free = cuts.Where((_, index) => alone[index] is not null).ToList();
        if (free.Count == 0)
            return null;
        var best = alone.Where(one => one is not null).MinBy(one => one!.Count)!;
        if (free.Count == 1)
            return best;
        // All of them, each half of them, and each with the largest: the next round finds what is left.
        var half = free.Count / 2;
        IReadOnlyList<TOp>[] together =
            [Without(plan, free), Without(plan, free[..half]), Without(plan, free[half..]), .. free.Skip(1).Select(cut => Without(plan, [free[0], cut]))];
        return (await AskAsync(plan, together, cancellation)).Append(best).Where(one => one is not null).MinBy(one => one!.Count);
    }

    private async Task<IReadOnlyList<TOp>?> SimplifyAsync(IReadOnlyList<TOp> plan, CancellationToken cancellation)
    {
        if (pace == ShrinkPace.OneByOne)
            return null;
        var tries = new List<IReadOnlyList<TOp>>();
        // Everything at once first: places are renamed together or not at all.
        var depth = plan.Max(operation => simpler(operation).Count());
        for (var choice = 0; choice < depth; choice++)
            tries.Add([.. plan.Select(operation => simpler(operation).ElementAtOrDefault(choice) ?? operation)]);
        for (var at = 0; at < plan.Count; at++)
            foreach (var other in simpler(plan[at]))
                tries.Add([.. plan.Take(at), other, .. plan.Skip(at + 1)]);
        return (await AskAsync(plan, tries, cancellation)).FirstOrDefault(one => one is not null);
    }

    /// <summary>Each of the plans, tidied, where it shows the same; null where it does not. What was asked before is not run again.</summary>
    private async Task<IReadOnlyList<TOp>?[]> AskAsync(IReadOnlyList<TOp> plan, IReadOnlyList<IReadOnlyList<TOp>> tries, CancellationToken cancellation)
    {
        var tidied = tries.Select(tidy).ToArray();
        var keys = tidied.Select(one => string.Join('\n', one)).ToArray();
        var ask = Enumerable.Range(0, tries.Count)
            .Where(index => tidied[index].Count > 0 && tidied[index].Count <= plan.Count && !_answers.ContainsKey(keys[index]))
            .DistinctBy(index => keys[index]).ToArray();
        if (ask.Length > 0)
        {
            _rounds++;
            _runs += ask.Length;
            foreach (var (index, answer) in ask.Zip(await fails([.. ask.Select(index => tidied[index])], cancellation)))
                _answers[keys[index]] = answer;
        }
        return [.. tidied.Select((one, index) => _answers.GetValueOrDefault(keys[index]) ? one : null)];
    }

    /// <summary>Halves, quarters, … and single operations, the largest first.</summary>
    private static List<Range> Cuts(int count)
    {
        var cuts = new List<Range>();
        for (var size = count / 2; size >= 1; size = size > 1 ? (size + 1) / 2 : 0)
            for (var from = 0; from < count; from += size)
                cuts.Add(new(from, Math.Min(from + size, count)));
        return cuts;
    }

    private static IReadOnlyList<TOp> Without(IReadOnlyList<TOp> plan, IReadOnlyList<Range> cuts)
    {
        var keep = Enumerable.Repeat(true, plan.Count).ToArray();
        foreach (var cut in cuts)
            Array.Fill(keep, false, cut.Start.Value, cut.End.Value - cut.Start.Value);
        return [.. plan.Where((_, index) => keep[index])];
    }
}
