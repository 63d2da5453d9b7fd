using HvLab.Harness.Lab;

namespace HvLab.Harness.Scheduling.Bench;

/// <summary>How many recorded events a second the models judge on one core: decoding and wording are not part of it.</summary>
public static class CheckingSpeed
{
    /// <summary>Long enough for the runtime's compiler to be done with the hot paths, and for many rounds of every trace.</summary>
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(1.5), Slice = TimeSpan.FromSeconds(0.3);
    private const int Slices = 7;

    /// <summary>Events a second, a sample a slice.</summary>
    /// <exception cref="LabException">There is nothing to check.</exception>
    public static Samples Measure(IReadOnlyList<Recording> recordings, TimeProvider clock)
    {
        ArgumentNullException.ThrowIfNull(recordings);
        ArgumentNullException.ThrowIfNull(clock);
        // A trace that diverges ends early: its events would be counted and not checked.
        var allowed = recordings
            .Select(recording => (Check: recording.Scenario.PrepareCheck(recording.Events), recording.Events.Count))
            .Where(one => one.Count > 0 && one.Check()).ToArray();
        if (allowed.Length == 0)
            throw new LabException(LabFault.Build, "The run recorded no trace that its model allows, so there is nothing to measure checking with. Look at its report.");
        Rate(WarmUp);
        var samples = new Samples();
        for (var slice = 0; slice < Slices; slice++)
            samples.Add(Rate(Slice));
        return samples;

        double Rate(TimeSpan atLeast)
        {
            var begun = clock.GetTimestamp();
            long events = 0;
            do
            {
                foreach (var (check, count) in allowed)
                {
                    check();
                    events += count;
                }
            }
            while (clock.GetElapsedTime(begun) < atLeast);
            return events / clock.GetElapsedTime(begun).TotalSeconds;
        }
    }
}
