using HvLab.Probes.Native.Kvm;
using HvLab.Probes.Native.Linux;

namespace HvLab.Probes.Kvm.AsyncPf;

/// <summary>Why a vCPU left the guest, with its registers at that moment.</summary>
internal readonly record struct GuestExit(KvmExitReason Reason, ushort Port, ulong MmioAddress, KvmRegs Regs);

/// <summary>The one thread that runs a vCPU. Everybody else asks it to, and looks at what it left.</summary>
internal sealed class VcpuThread : IDisposable
{
    private readonly Doorbell _changed;
    private readonly Doorbell _asked = new();
    private readonly object _gate = new();
    private readonly Errand _errand;
    private readonly Interruptible _running = new();
    private bool _go;
    private KvmRegs _start;
    private GuestExit? _exit;
    private Exception? _trouble;
    private bool _whereIsAsked;
    private ulong? _where;
    private volatile bool _stop;

    /// <param name="changed">Rung whenever the vCPU leaves the guest.</param>
    /// <param name="cpu">Where it runs: see <see cref="HostCpu"/>.</param>
    public VcpuThread(KvmVcpu vcpu, Doorbell changed, int cpu)
    {
        (Vcpu, _changed) = (vcpu, changed);
        _errand = Crew.Start(Loop, cpu);
    }

    /// <summary>Replaced only while the vCPU is not running.</summary>
    public KvmVcpu Vcpu { get; set; }
    /// <summary>Kernel thread id; 0 until the thread has begun.</summary>
    public int ThreadId { get; private set; }
    public bool Running { get; private set; }

    public void Start(KvmRegs regs)
    {
        lock (_gate)
            (_start, _exit, Running, _go) = (regs, null, true, true);
        _asked.Ring();
    }

    /// <summary>The exit that nobody has taken yet.</summary>
    public GuestExit? TakeExit()
    {
        lock (_gate)
        {
            if (_trouble is { } trouble)
                throw trouble;
            var exit = _exit;
            _exit = null;
            return exit;
        }
    }

    /// <summary>Asks the vCPU out of the guest and lets it go on: the RIP that it had between.</summary>
    /// <returns>Null where it did not come, as one that waits for the pager.</returns>
    public ulong? Locate()
    {
        const int most = 100, lookAgainMs = 2; // a signal can fall into the gap before KVM_RUN looks for one
        lock (_gate)
        {
            (_whereIsAsked, _where) = (true, null);
            for (var look = 0; look < most && _where is null; look++)
            {
                _running.Interrupt();
                Monitor.Wait(_gate, lookAgainMs);
            }
            _whereIsAsked = false;
            return _where;
        }
    }

    /// <summary>Asks the vCPU out of the guest for good; <see cref="Join"/> waits for it.</summary>
    public void RequestStop()
    {
        _stop = true;
        Vcpu.ImmediateExit = true;
        _asked.Ring();
    }

    /// <summary>Signals until the thread ends. A thread that waits for the pager ends only when it is served.</summary>
    public void Join()
    {
        const int lookAgainMs = 2; // a signal can fall into the gap before KVM_RUN blocks
        do
        {
            _running.Interrupt();
        }
        while (!_errand.Join(lookAgainMs));
    }

    public void Dispose()
    {
        RequestStop();
        Join();
    }

    private void Loop()
    {
        ThreadId = NativeThread.CurrentId;
        _running.Enter();
        while (true)
        {
            var rings = _asked.Rings;
            if (_stop)
            {
                _running.Leave();
                return;
            }
            if (!WasAsked())
            {
                _asked.Wait(rings, Timeout.Infinite);
                continue;
            }
            try
            {
                Vcpu.Regs = _start;
                var reason = Vcpu.Run();
                while (reason == KvmExitReason.Interrupted && !_stop)
                {
                    TellWhere();
                    reason = Vcpu.Run();
                }
                Publish(Describe(reason), null);
            }
            catch (NativeCallException trouble)
            {
                Publish(null, trouble);
            }
        }
    }

    private void TellWhere()
    {
        lock (_gate)
        {
            if (!_whereIsAsked)
                return;
            _where = Vcpu.Regs.Rip;
            Monitor.PulseAll(_gate);
        }
    }

    private bool WasAsked()
    {
        lock (_gate)
        {
            var asked = _go;
            _go = false;
            return asked;
        }
    }

    private GuestExit Describe(KvmExitReason reason)
    {
        var port = reason == KvmExitReason.Io ? Vcpu.Io.Port : (ushort)0;
        var address = reason == KvmExitReason.Mmio ? Vcpu.Mmio.Address : 0;
        if (reason == KvmExitReason.Mmio)
        {
            // Let KVM finish the access now: later it would overwrite registers that were set for something else.
            Vcpu.ImmediateExit = true;
            Vcpu.Run();
            Vcpu.ImmediateExit = _stop;
            // Every other exit comes from a handler, at CPL 0: what is called next is kernel code.
            Vcpu.Sregs = GuestMemory.AtKernel(Vcpu.Sregs);
        }
        return new(reason, port, address, Vcpu.Regs);
    }

    private void Publish(GuestExit? exit, Exception? trouble)
    {
        lock (_gate)
            (_exit, _trouble, Running) = (exit, trouble, false);
        _changed.Ring();
    }
}
