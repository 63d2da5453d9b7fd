using HvLab.Probes.Native.Linux;

namespace HvLab.Probes.Kvm.AsyncPf;

/// <summary>Closes VMs on threads of their own, since closing may have to wait for the pager.</summary>
internal sealed class VmClosing : IDisposable
{
    private readonly List<Closer> _closers = [];

    /// <summary>The answer was given: there is nothing more to wait for.</summary>
    public bool Counted { get; set; }

    /// <param name="threads">vCPU threads to end first.</param>
    /// <param name="handles">Closed in this order: vCPUs, then their VM.</param>
    public void Begin(IReadOnlyList<VcpuThread> threads, IReadOnlyList<IDisposable> handles) => _closers.Add(new(threads, handles));

    /// <summary>True when everything is closed; false as soon as a close waits for a worker, or the bound is over.</summary>
    public bool IsOverOrStalled(Pager pager, ProbeBounds bounds)
    {
        var patience = new Patience(bounds);
        var inWorkqueue = 0;
        while (!_closers.TrueForAll(closer => closer.Join(ProbeBounds.LookMs)))
        {
            if (pager.IsAwaited && _closers.Exists(closer => closer.WaitsForWorker) && ++inWorkqueue > 1)
                return false;
            if (patience.IsOver)
                return false;
        }
        return true;
    }

    public bool WaitUntilOver(ProbeBounds bounds)
    {
        var patience = new Patience(bounds);
        while (!_closers.TrueForAll(closer => closer.Join(ProbeBounds.LookMs)))
            if (patience.IsOver)
                return false;
        return true;
    }

    public void Dispose()
    {
        foreach (var closer in _closers)
            closer.Join(Timeout.Infinite);
    }

    private sealed class Closer
    {
        private readonly IReadOnlyList<VcpuThread> _threads;
        private readonly IReadOnlyList<IDisposable> _handles;
        private readonly Errand _errand;
        private volatile int _id;

        public Closer(IReadOnlyList<VcpuThread> threads, IReadOnlyList<IDisposable> handles)
        {
            (_threads, _handles) = (threads, handles);
            _errand = Crew.Start(Close);
        }

        public bool WaitsForWorker => _id is not 0 and var id && KernelWait.IsForWorker(id);
        public bool Join(int milliseconds) => _errand.Join(milliseconds);

        private void Close()
        {
            _id = NativeThread.CurrentId;
            foreach (var thread in _threads)
                thread.RequestStop();
            foreach (var thread in _threads)
                thread.Dispose();
            foreach (var handle in _handles)
                handle.Dispose();
        }
    }
}
