namespace HvLab.Reference.Models.Exploration;

/// <summary>
/// One exploration, level by level. States are dealt to the workers by their hash. In a round each worker expands some of its
/// own states: successors of its own it keeps at once, others go to their owner's box; then each empties its boxes, in a fixed
/// order. Nobody writes what another reads in the same half of a round, so there are no locks, and a run can be repeated.
/// </summary>
internal sealed class Search<TState, TStep> where TState : notnull, IEquatable<TState>
{
    /// <summary>States that a worker expands before the others get what it found for them.</summary>
    private const int Round = 1 << 14;

    private readonly ISystem<TState, TStep> _system;
    private readonly IReadOnlyList<Claim<TState, TStep>> _claims;
    private readonly ExplorerOptions _options;
    private readonly Visited<TState> _visited;
    private readonly SearchWorker<TState, TStep>[] _workers;
    private readonly Violation?[] _violations;
    private readonly long _began;
    private TimeSpan _told;
    private int _depth;

    public Search(ISystem<TState, TStep> system, IReadOnlyList<Claim<TState, TStep>> claims, ExplorerOptions options)
    {
        (_system, _claims, _options) = (system, claims, options);
        _began = options.Clock.GetTimestamp();
        _visited = new(options.Workers, options.MaxBytes);
        _violations = new Violation?[claims.Count];
        _workers = [.. Enumerable.Range(0, options.Workers)
            .Select(number => new SearchWorker<TState, TStep>(number, system, claims, options.Reduction, _visited))];
    }

    private TimeSpan Elapsed => _options.Clock.GetElapsedTime(_began);
    private long Transitions => _workers.Sum(worker => worker.Transitions);

    public Explored<TState, TStep> Run()
    {
        var start = _options.Reduction.HasFlag(Reduction.Symmetry) ? _system.Canonical(_system.Start) : _system.Start;
        var hash = Visited<TState>.HashOf(in start);
        _workers[_visited.ShardOf(hash)].Keep(in start, hash, parent: -1);
        Gather();
        var complete = Levels();
        var searched = Elapsed;
        var findings = _claims.Select((claim, index) => Judge(claim, index, complete)).ToArray();
        return new(_visited, Transitions, _depth, complete, searched, Elapsed, _visited.Bytes, findings);
    }

    private bool Levels()
    {
        while (true)
        {
            foreach (var worker in _workers)
                worker.BeginLevel(_violations);
            if (_workers.All(worker => worker.LevelDone))
                return !_visited.IsFull;
            while (_workers.Any(worker => !worker.LevelDone))
            {
                if (_visited.IsFull || _visited.Count > _options.MaxStates)
                {
                    Gather();
                    return false;
                }
                _options.Cancellation.ThrowIfCancellationRequested();
                Together(worker => worker.Expand(Round));
                if (_workers.Length > 1)
                    Together(worker => worker.Receive(_workers));
                TellProgress();
            }
            Gather();
            if (_workers.Any(worker => worker.HasNew))
                _depth++;
        }
    }

    private void Together(Action<SearchWorker<TState, TStep>> act)
    {
        if (_workers.Length == 1)
            act(_workers[0]);
        else
            Parallel.For(0, _workers.Length, new() { MaxDegreeOfParallelism = _workers.Length }, number => act(_workers[number]));
    }

    // At the end of a level, so that what counts is the shortest, whoever saw it first.
    private void Gather()
    {
        for (var claim = 0; claim < _claims.Count; claim++)
            foreach (var worker in _workers)
                _violations[claim] ??= worker.Violations[claim];
    }

    private void TellProgress()
    {
        if (_options.Progress is null || Elapsed - _told < _options.ProgressEvery)
            return;
        _told = Elapsed;
        _options.Progress.Report(new(_visited.Count, Transitions, _depth, _told, _visited.Bytes));
    }

    private Finding<TState, TStep> Judge(Claim<TState, TStep> claim, int index, bool complete)
    {
        if (claim is Wakes<TState, TStep> wakes)
        {
            if (!complete || _options.Reduction != Reduction.None
                || _visited.Bytes + Waking<TState, TStep>.BytesFor(_visited, Transitions) > _options.MaxBytes)
                return new(claim, ClaimVerdict.Undecided, null);
            return new Waking<TState, TStep>(_system, _visited, wakes, _options.Cancellation).FirstAsleepForEver() is { } asleep
                ? new(claim, ClaimVerdict.Broken, Trail.To(asleep, null, _system, _visited, _options.Reduction))
                : new(claim, ClaimVerdict.Holds, null);
        }
        return _violations[index] is { } violation
            ? new(claim, ClaimVerdict.Broken, Trail.To(violation.State, violation.Step, _system, _visited, _options.Reduction))
            : new(claim, complete ? ClaimVerdict.Holds : ClaimVerdict.Undecided, null);
    }
}

/// <summary>Where a claim broke: in a state, or at its n-th step.</summary>
internal readonly record struct Violation(int State, int? Step);
