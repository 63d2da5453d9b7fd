using System.Runtime.InteropServices;

namespace HvLab.Reference.Models.Exploration;

/// <summary>What one thread of a <see cref="Search{TState,TStep}"/> owns: a shard, and boxes with what it found for the others.</summary>
internal sealed class SearchWorker<TState, TStep> where TState : notnull, IEquatable<TState>
{
    private readonly record struct Letter(TState State, uint Hash, int Parent);

    private readonly int _number;
    private readonly ISystem<TState, TStep> _system;
    private readonly bool _symmetry;
    private readonly bool _partialOrder;
    private readonly Visited<TState> _visited;
    private readonly Shard<TState> _own;
    private readonly List<Letter>[] _boxes;
    private readonly Successors<TState, TStep> _next = new();
    private readonly (int Claim, Func<TState, bool> Holds)[] _always;
    private readonly (int Claim, Func<TState, TStep, TState, bool> Holds)[] _eachStep;
    private (int Claim, Func<TState, bool> Holds)[] _openAlways;
    private (int Claim, Func<TState, TStep, TState, bool> Holds)[] _openEachStep;
    private int _at;
    private int _levelEnd;

    public SearchWorker(
        int number, ISystem<TState, TStep> system, IReadOnlyList<Claim<TState, TStep>> claims, Reduction reduction, Visited<TState> visited)
    {
        (_number, _system, _visited, _own) = (number, system, visited, visited.Shards[number]);
        _symmetry = reduction.HasFlag(Reduction.Symmetry);
        _partialOrder = reduction.HasFlag(Reduction.PartialOrder);
        _boxes = [.. visited.Shards.Select(_ => new List<Letter>())];
        Violations = new Violation?[claims.Count];
        _always = [.. claims.Index().Where(claim => claim.Item is Always<TState, TStep>)
            .Select(claim => (claim.Index, ((Always<TState, TStep>)claim.Item).Holds))];
        _eachStep = [.. claims.Index().Where(claim => claim.Item is EachStep<TState, TStep>)
            .Select(claim => (claim.Index, ((EachStep<TState, TStep>)claim.Item).Holds))];
        (_openAlways, _openEachStep) = (_always, _eachStep);
    }

    public long Transitions { get; private set; }
    /// <summary>By claim, the first that this worker saw.</summary>
    public Violation?[] Violations { get; }
    public bool LevelDone => _at == _levelEnd;
    public bool HasNew => _own.Count > _levelEnd;

    /// <param name="settled">Claims that are broken already need no more looking.</param>
    public void BeginLevel(Violation?[] settled)
    {
        _levelEnd = _own.Count;
        _openAlways = [.. _openAlways.Where(claim => settled[claim.Claim] is null)];
        _openEachStep = [.. _openEachStep.Where(claim => settled[claim.Claim] is null)];
    }

    /// <summary>Expands the next states of this level, at most <paramref name="count"/>.</summary>
    public void Expand(int count)
    {
        foreach (var box in _boxes)
            box.Clear();
        for (var end = Math.Min(_levelEnd, _at + count); _at < end; _at++)
        {
            ref readonly var state = ref _own[_at];
            var id = _visited.IdOf(_number, _at);
            _next.Clear();
            _system.Next(state, _next);
            var (from, to) = _next.Explored(_partialOrder);
            Transitions += to - from;
            for (var step = from; step < to; step++)
            {
                ref readonly var then = ref _next.States[step];
                foreach (var (claim, holds) in _openEachStep)
                    if (Violations[claim] is null && !holds(state, _next.Steps[step], then))
                        Violations[claim] = new(id, step);
                if (_symmetry)
                    Deliver(_system.Canonical(then), id);
                else
                    Deliver(in then, id);
            }
        }
    }

    /// <summary>Keeps what the others found for this worker.</summary>
    public void Receive(SearchWorker<TState, TStep>[] workers)
    {
        foreach (var worker in workers)
            foreach (ref readonly var letter in CollectionsMarshal.AsSpan(worker._boxes[_number]))
                Keep(letter.State, letter.Hash, letter.Parent);
    }

    public void Keep(in TState state, uint hash, int parent)
    {
        if (!_own.TryAdd(in state, hash, parent))
            return;
        foreach (var (claim, holds) in _openAlways)
            if (Violations[claim] is null && !holds(state))
                Violations[claim] = new(_visited.IdOf(_number, _own.Count - 1), null);
    }

    private void Deliver(in TState state, int parent)
    {
        var hash = Visited<TState>.HashOf(in state);
        var owner = _visited.ShardOf(hash);
        if (owner == _number)
            Keep(in state, hash, parent);
        else
            _boxes[owner].Add(new(state, hash, parent));
    }
}
