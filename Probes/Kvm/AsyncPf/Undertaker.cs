namespace HvLab.Probes.Kvm.AsyncPf;

/// <summary>Ends VMs beside the next scenario: closing one waits for RCU, which is no scenario's business.</summary>
internal sealed class Undertaker
{
    private const int MostAtOnce = 12;
    private readonly Queue<Errand> _errands = new();

    public void Take(IDisposable machine)
    {
        lock (_errands)
            _errands.Enqueue(Crew.Start(machine.Dispose));
        while (Next(MostAtOnce) is { } oldest)
            oldest.Join();
    }

    /// <summary>Returns when every VM that was taken is gone.</summary>
    public void Finish()
    {
        while (Next(0) is { } errand)
            errand.Join();
    }

    private Errand? Next(int most)
    {
        lock (_errands)
            return _errands.Count > most ? _errands.Dequeue() : null;
    }
}
