using HvLab.Harness.Lab.Results;

namespace HvLab.Harness.Scheduling;

/// <summary>The worst answer of each scenario over all rounds of a run. Each is told once: in the last round, or when the run ends before it.</summary>
internal sealed class Answers(Action<ScenarioResult> tell)
{
    private readonly Dictionary<string, ScenarioResult> _worst = [];
    private readonly HashSet<string> _told = [];

    public int Count => _worst.Count;

    public int WithoutSuccess => _worst.Values.Count(result => result.Verdict is Verdict.Failure or Verdict.Error);

    /// <param name="last">No later round will ask this scenario again.</param>
    public void Add(ScenarioResult result, bool last)
    {
        if (!_worst.TryGetValue(result.Id, out var before) || Rank(result) > Rank(before))
            _worst[result.Id] = result;
        if (last)
            Tell(result.Id);
    }

    public void TellRest()
    {
        foreach (var id in _worst.Keys)
            Tell(id);
    }

    private void Tell(string id)
    {
        if (_told.Add(id))
            tell(_worst[id]);
    }

    private static int Rank(ScenarioResult result) => result.Verdict switch
    {
        Verdict.Failure => result.KnownDeviation is null ? 4 : 2,
        Verdict.Error => 3,
        Verdict.Success => 1,
        _ => 0,
    };
}
