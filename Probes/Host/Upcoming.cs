using HvLab.Probes.Wire;

namespace HvLab.Probes.Host;

/// <summary>A scenario of the plan until it is done. Whatever stops it is its trouble alone: the others still run.</summary>
internal sealed class Upcoming
{
    private readonly IPlannedScenario? _planned;
    private bool _made;

    public Upcoming(ScenarioPlan plan, Dictionary<string, ISubsystemProbe> probes)
    {
        IPlannedScenario? planned = null;
        Try(() => planned = probes.TryGetValue(plan.Subsystem, out var probe)
            ? probe.Read(plan.Body)
            : throw new NotSupportedException($"This probe knows no subsystem '{plan.Subsystem}'; it knows {string.Join(", ", probes.Keys)}."));
        _planned = planned;
    }

    public string? Trouble { get; private set; }
    public bool Alone => _planned is { Alone: true };

    public void MakeReady() => Try(() =>
    {
        _planned?.MakeReady();
        _made = _planned is not null;
    });

    public void Run(EventSink sink)
    {
        if (_made)
            Try(() => _planned!.Run(sink));
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
