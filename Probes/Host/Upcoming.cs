using HvLab.Probes.Wire;

namespace HvLab.Probes.Host;

/// <summary>A scenario of the plan until it is done. Whatever stops it is its trouble alone: the others still run.</summary>
internal sealed class Upcoming
{
    private IPlannedScenario? _planned;

    public Upcoming(ScenarioPlan plan, Dictionary<string, ISubsystemProbe> probes) => Try(() =>
        _planned = probes.TryGetValue(plan.Subsystem, out var probe)
            ? probe.Read(plan.Body)
            : throw new NotSupportedException($"This probe knows no subsystem '{plan.Subsystem}'; it knows {string.Join(", ", probes.Keys)}."));

    public string? Trouble { get; private set; }

    public void Run(EventSink sink)
    {
        var planned = _planned;
        _planned = null; // its machine may go afterwards
        Try(() => planned?.Run(sink));
    }

    private void Try(Action action)
    {
        try
        {
            action();
        }
        catch (Exception failed) when (failed is not OutOfMemoryException)
        {
            Trouble ??= $"{failed.GetType().Name}: {failed.Message}";
        }
    }
}
