using System.Collections.Concurrent;
using HvLab.Probes.Wire;

namespace HvLab.Probes.Host;

/// <summary>
/// Reads plans and starts their machines a little ahead of the scenario that runs, on a thread of its own: starting one mostly
/// waits for the kernel.
/// </summary>
internal sealed class Preparation : IDisposable
{
    private const int Ahead = 2;
    private readonly BlockingCollection<Upcoming> _ready = new(Ahead);
    private readonly SemaphoreSlim _over = new(0);
    private readonly IReadOnlyList<ScenarioPlan> _plans;
    private readonly Dictionary<string, ISubsystemProbe> _probes;

    public Preparation(IReadOnlyList<ScenarioPlan> plans, Dictionary<string, ISubsystemProbe> probes)
    {
        (_plans, _probes) = (plans, probes);
        new Thread(Prepare) { IsBackground = true, Name = "ready" }.Start();
    }

    /// <summary>The next plan in order, ready to run. Blocks until it is.</summary>
    public Upcoming Next()
    {
        var next = _ready.Take();
        if (next.Alone)
            next.MakeReady();
        return next;
    }

    /// <summary>The scenario that <see cref="Next"/> gave has ended.</summary>
    public void IsOver(Upcoming scenario)
    {
        if (scenario.Alone)
            _over.Release();
    }

    public void Dispose()
    {
        _ready.Dispose();
        _over.Dispose();
    }

    private void Prepare()
    {
        foreach (var plan in _plans)
        {
            var scenario = new Upcoming(plan, _probes);
            if (!scenario.Alone)
                scenario.MakeReady();
            _ready.Add(scenario);
            if (scenario.Alone)
                _over.Wait();
        }
    }
}
