using HvLab.Probes.Native.Kvm;
using HvLab.Reference.Kvm;

namespace HvLab.Probes.Kvm.AsyncPf;

/// <summary>Machines between two plans. Clearing up after a plan goes on beside the next one, which is none of its business.</summary>
internal sealed class Machines : IDisposable
{
    private const int MostClearing = 12;
    private readonly KvmSystem _kvm;
    private readonly Errand _begin, _rehearsal;
    private readonly object _gate = new();
    private readonly Stack<Machine> _idle = new();
    private readonly Queue<Errand> _clearing = new();

    // The first VM turns virtualization on in every CPU and the last turns it off. To an emulated CPU each is another mode of
    // operation, for which it translates all code anew: so one VM, in which nothing ever runs, lives as long as this.
    private KvmVm? _first;

    public Machines(KvmSystem kvm)
    {
        _kvm = kvm;
        _begin = Crew.Start(() => _first = kvm.CreateVm());
        _rehearsal = Crew.Start(Rehearse);
    }

    public Machine Take()
    {
        _begin.Join();
        _rehearsal.Join();
        lock (_gate)
            if (_idle.TryPop(out var machine))
                return machine;
        return new(_kvm);
    }

    /// <summary>A machine while nothing happens to any other.</summary>
    /// <param name="before">What is in use without its VM, which the first vCPU starts.</param>
    public Machine TakeAlone(out Leftovers before)
    {
        Settle();
        var machine = new Machine(_kvm);
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

    public void Dispose()
    {
        Settle();
        Errand[] ending;
        lock (_gate)
            ending = [.. _idle.Select(machine => Crew.Start(machine.Dispose))];
        foreach (var errand in ending)
            errand.Join();
        _first?.Dispose();
    }

    /// <summary>Returns when every machine is idle or gone.</summary>
    private void Settle()
    {
        _rehearsal.Join();
        while (Next(0) is { } errand)
            errand.Join();
    }

    /// <summary>What no machine has done before takes an emulated host several times as long: so one does it while the plan is read.</summary>
    private void Rehearse()
    {
        try
        {
            _begin.Join();
            var probe = new AsyncPfProbe(new(_kvm), vcpus: 1, before: null, new());
            probe.ReadMsr(new(0), AsyncPfMsr.Enable);
            ClearUp(probe);
        }
        catch (Exception trouble) when (trouble is not OutOfMemoryException)
        {
            // A scenario that meets the same tells it; without one it does not matter.
        }
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
