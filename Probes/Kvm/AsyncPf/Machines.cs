using HvLab.Probes.Native.Kvm;

namespace HvLab.Probes.Kvm.AsyncPf;

/// <summary>Machines between two plans. Clearing up after a plan goes on beside the next one, which is none of its business.</summary>
internal sealed class Machines(KvmSystem kvm)
{
    private const int MostClearing = 12;
    private readonly object _gate = new();
    private readonly Stack<Machine> _idle = new();
    private readonly Queue<Errand> _clearing = new();

    public Machine Take()
    {
        lock (_gate)
            if (_idle.TryPop(out var machine))
                return machine;
        return new(kvm);
    }

    /// <summary>A machine where no other is.</summary>
    /// <param name="before">What is in use without its VM.</param>
    public Machine TakeAlone(out Leftovers before)
    {
        Clear();
        var machine = new Machine(kvm);
        before = Leftovers.CountNow();
        return machine;
    }

    public void TakeBack(AsyncPfProbe probe)
    {
        lock (_gate)
            _clearing.Enqueue(Crew.Start(() => ClearUp(probe)));
        while (Next(MostClearing) is { } oldest)
            oldest.Join();
    }

    /// <summary>Returns when every machine that was taken back is gone.</summary>
    public void Clear()
    {
        while (Next(0) is { } errand)
            errand.Join();
        lock (_gate)
            while (_idle.TryPop(out var machine))
                machine.Dispose();
    }

    private void ClearUp(AsyncPfProbe probe)
    {
        if (!probe.TryLeave())
        {
            probe.Dispose();
            return;
        }
        lock (_gate)
            if (probe.Machine.HasRoom)
            {
                _idle.Push(probe.Machine);
                return;
            }
        probe.Machine.Dispose();
    }

    private Errand? Next(int most)
    {
        lock (_gate)
            return _clearing.Count > most ? _clearing.Dequeue() : null;
    }
}
