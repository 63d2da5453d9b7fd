using HvLab.Harness.Lab.Results;
using HvLab.Harness.Reports.Json;

namespace HvLab.Harness.Scheduling;

/// <summary>Where the time of a run goes: one phase at a time, kept with the run.</summary>
/// <param name="origin">Timestamp of the command's start, so that what came before the run counts too.</param>
internal sealed class Phases(RunDirectory directory, IRunObserver observer, TimeProvider clock, long origin)
{
    private string? _phase;
    private long _begun;

    public void Begin(string phase)
    {
        End();
        (_phase, _begun) = (phase, clock.GetTimestamp());
        observer.Phase(phase);
    }

    public void End()
    {
        if (_phase is { } phase)
            directory.Add(new PhaseTime(phase, clock.GetElapsedTime(origin, _begun).TotalMilliseconds, clock.GetElapsedTime(_begun).TotalMilliseconds));
        _phase = null;
    }

    /// <summary>A moment: something happened for the first time.</summary>
    public void Mark(string moment) => directory.Add(new PhaseTime(moment, clock.GetElapsedTime(origin).TotalMilliseconds, 0));
}

/// <summary>Progress that is told at once, in order, on the thread that reports.</summary>
internal sealed class Told<T>(Action<T> tell) : IProgress<T>
{
    public void Report(T value) => tell(value);
}
