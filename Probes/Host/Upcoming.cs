using HvLab.Probes.Wire;

namespace HvLab.Probes.Host;

/// <summary>A scenario of the plan until it is done. Whatever stops it is its trouble alone: the others still run.</summary>
internal sealed class Upcoming
{
    private readonly Dictionary<string, ISubsystemProbe> _probes;
    private IPlannedScenario? _planned;

    public Upcoming(ScenarioPlan plan, Dictionary<string, ISubsystemProbe> probes)
    {
        (Plan, _probes) = (plan, probes);
        Try(Read);
    }

    public ScenarioPlan Plan { get; }
    public string? Trouble { get; private set; }

    /// <param name="again">Told before the plan is carried out once more, with the reason.</param>
    public void Run(EventSink sink, Action<string> again) => Try(() =>
    {
        try
        {
            RunOnce(sink);
        }
        catch (EmulatorFaultException fault)
        {
            again(fault.Message);
            Read();
            RunOnce(sink);
        }
    });

    private void Read() => _planned = _probes.TryGetValue(Plan.Subsystem, out var probe)
        ? probe.Read(Plan.Body)
        : throw new NotSupportedException($"This probe knows no subsystem '{Plan.Subsystem}'; it knows {string.Join(", ", _probes.Keys)}.");

    private void RunOnce(EventSink sink)
    {
        var planned = _planned;
        _planned = null; // its machine may go afterwards
        planned?.Run(sink);
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
