using HvLab.Probes.Native.Linux;

namespace HvLab.Probes.Kvm.AsyncPf;

/// <summary>
/// Threads that outlive their errands: an emulated CPU starts a thread in milliseconds and wakes one in microseconds, and
/// every VM needs several.
/// </summary>
internal static class Crew
{
    private static readonly object s_gate = new();
    private static readonly Stack<Hand> s_idle = new();

    /// <summary>Threads that belong to nobody now; whoever counts threads leaves them out.</summary>
    public static int Idle
    {
        get
        {
            lock (s_gate)
                return s_idle.Count;
        }
    }

    /// <param name="cpu">Where it runs; null for anywhere.</param>
    public static Errand Start(Action work, int? cpu = null)
    {
        var errand = new Errand(work, cpu);
        Hand? hand;
        lock (s_gate)
            s_idle.TryPop(out hand);
        (hand ?? new Hand()).Take(errand);
        return errand;
    }

    private sealed class Hand
    {
        private readonly object _wake = new();
        private Errand? _errand;
        private bool _started;

        public void Take(Errand errand)
        {
            lock (_wake)
            {
                _errand = errand;
                Monitor.Pulse(_wake);
            }
            if (_started)
                return;
            _started = true;
            new Thread(Work) { IsBackground = true, Name = "crew" }.Start();
        }

        private void Work()
        {
            NativeThread.PinTo(null); // not where its maker is
            int? place = null;
            while (true)
            {
                Errand errand;
                lock (_wake)
                {
                    while (_errand is null)
                        Monitor.Wait(_wake);
                    (errand, _errand) = (_errand, null);
                }
                if (errand.Cpu != place)
                    NativeThread.PinTo(place = errand.Cpu);
                errand.Run(() =>
                {
                    lock (s_gate)
                        s_idle.Push(this);
                });
            }
        }
    }
}

/// <summary>Something that a thread of the crew does, once.</summary>
internal sealed class Errand(Action work, int? cpu)
{
    public int? Cpu => cpu;

    private bool _over;
    private Exception? _trouble;

    /// <summary>Waits for the end. Throws what the errand threw.</summary>
    /// <returns>False where the time was over first.</returns>
    public bool Join(int milliseconds = Timeout.Infinite)
    {
        lock (this)
        {
            if (!_over)
                Monitor.Wait(this, milliseconds);
            if (_over && _trouble is { } trouble)
                throw trouble;
            return _over;
        }
    }

    /// <param name="handBack">Called before the end is told, so that nobody counts a thread that is free already.</param>
    internal void Run(Action handBack)
    {
        try
        {
            work();
        }
        catch (Exception failed) when (failed is not OutOfMemoryException)
        {
            _trouble = failed; // for whoever joins
        }
        lock (this)
        {
            handBack();
            _over = true;
            Monitor.PulseAll(this);
        }
    }
}
