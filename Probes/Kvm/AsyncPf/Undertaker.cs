namespace HvLab.Probes.Kvm.AsyncPf;

/// <summary>Ends VMs beside the next scenario: closing one waits for RCU, which is no scenario's business.</summary>
internal sealed class Undertaker
{
    private const int MostAtOnce = 12;
    private readonly Queue<Thread> _threads = new();

    public void Take(IDisposable machine)
    {
        while (_threads.Count >= MostAtOnce)
            _threads.Dequeue().Join();
        var thread = new Thread(machine.Dispose) { IsBackground = true, Name = "undertaker" };
        thread.Start();
        _threads.Enqueue(thread);
    }

    /// <summary>Returns when every VM that was taken is gone.</summary>
    public void Finish()
    {
        while (_threads.TryDequeue(out var thread))
            thread.Join();
    }
}
