namespace HvLab.Probes.Kvm.AsyncPf;

/// <summary>Ends VMs beside the next scenario: closing one waits for RCU, which is no scenario's business.</summary>
internal sealed class Undertaker
{
    private const int MostAtOnce = 12;
    private readonly Queue<Errand> _errands = new();

    public void Take(IDisposable machine)
    {
        while (_errands.Count >= MostAtOnce)
            _errands.Dequeue().Join();
        _errands.Enqueue(Crew.Start(machine.Dispose));
    }

    /// <summary>Returns when every VM that was taken is gone.</summary>
    public void Finish()
    {
        while (_errands.TryDequeue(out var errand))
            errand.Join();
    }
}
