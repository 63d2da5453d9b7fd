using HvLab.Harness.Lab;
using HvLab.Harness.Lab.Results;

namespace HvLab.Harness.Scheduling.Mutants;

/// <summary>Hears of one mutant's run: takes the times, and hands on what a reader of two dozen runs wants to see.</summary>
internal sealed class MutantWatch(IRunObserver inner, string label, TimeProvider clock) : IRunObserver
{
    private readonly long _started = clock.GetTimestamp();
    private long? _met;
    private long? _found;

    public long Started => _started;
    /// <summary>From the start to the first unexpected Failure.</summary>
    public TimeSpan? After => _found is { } found ? clock.GetElapsedTime(_started, found) : null;
    /// <summary>From the probe's first word to the first unexpected Failure.</summary>
    public TimeSpan? InBox => _found is { } found && _met is { } met ? clock.GetElapsedTime(met, found) : null;

    public void Phase(string text) => inner.Phase($"{label}: {text}");

    public void HostReady(HostFacts facts) => _met ??= clock.GetTimestamp();

    public void ScenarioStarted(string id, int index, int total) => inner.ScenarioStarted($"{label}: {id}", index, total);

    public void ScenarioFinished(ScenarioResult result)
    {
        if (NextSteps.IsUnexpected(result))
            _found ??= clock.GetTimestamp();
        // The outcome tells of the failure.
        if (result.Verdict is Verdict.Error)
            inner.ScenarioFinished(result);
    }

    public void Note(string text) => inner.Note($"{label}: {text}");
}
