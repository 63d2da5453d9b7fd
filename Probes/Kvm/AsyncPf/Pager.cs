using HvLab.GuestAgents.Payloads.Kvm;
using HvLab.Probes.Native.Linux;
using HvLab.Reference;

namespace HvLab.Probes.Kvm.AsyncPf;

/// <summary>The pager's side: a thread that notes who asks for which page. It supplies nothing by itself.</summary>
internal sealed class Pager : IDisposable
{
    private readonly MemoryMapping _memory;
    private readonly UserFaultFd _faults;
    private readonly Errand _watch;
    private readonly Doorbell _changed;
    private readonly object _gate = new();
    private readonly HashSet<Gfn> _requested = [];
    private readonly List<(Gfn Page, int ThreadId)> _waiting = [];
    private readonly byte[] _content = new byte[Gfn.PageSize];
    private volatile bool _stop;
    private readonly Interruptible _watching = new();

    /// <param name="changed">Rung whenever somebody asks.</param>
    public Pager(MemoryMapping memory, Doorbell changed)
    {
        (_memory, _changed) = (memory, changed);
        _faults = new(memory, 0, memory.Length);
        _watch = Crew.Start(Watch);
    }

    /// <summary>The word that the guest finds in a supplied page.</summary>
    public static ulong WordOf(Gfn page) => 0x5061_6765_0000_0000 | page.Value;

    /// <summary>True while somebody waits for any page. A worker that nobody keeps is about to end, however long its machine takes.</summary>
    public bool IsAwaited
    {
        get
        {
            lock (_gate)
                return _requested.Count > 0;
        }
    }

    public bool IsRequested(Gfn page)
    {
        lock (_gate)
            return _requested.Contains(page);
    }

    /// <summary>Takes the report that this thread itself waits for a page, where there is one.</summary>
    public Gfn? TakeWaiting(int threadId)
    {
        lock (_gate)
        {
            var index = _waiting.FindIndex(waiting => waiting.ThreadId == threadId);
            if (index < 0)
                return null;
            var page = _waiting[index].Page;
            _waiting.RemoveAt(index);
            return page;
        }
    }

    /// <param name="zeroed">True for a page that begins with a shared area, which "must be zeroed".</param>
    public void Supply(Gfn page, bool zeroed)
    {
        Array.Clear(_content);
        BitConverter.TryWriteBytes(_content.AsSpan(AsyncPfMemoryMap.PageWord), WordOf(page));
        if (!zeroed)
            _content[0] = 0xc3; // RET: the guest may call the page
        lock (_gate)
        {
            _requested.Remove(page);
            _waiting.RemoveAll(waiting => waiting.Page == page);
        }
        _faults.Supply(OffsetOf(page), _content);
    }

    public void Evict(Gfn page) => _memory.Discard(OffsetOf(page), Gfn.PageSize);

    /// <summary>Lets go of everybody who waits, and supplies nothing until <see cref="Renew"/>.</summary>
    public void Release() => _faults.Unregister();

    /// <summary>Begins anew over memory that holds nothing. Nobody waits.</summary>
    public void Renew()
    {
        lock (_gate)
        {
            _requested.Clear();
            _waiting.Clear();
        }
        _faults.Register();
    }

    public void Dispose()
    {
        _stop = true;
        _watching.Interrupt();
        Release();
        _watch.Join();
        _faults.Dispose();
    }

    private static ulong OffsetOf(Gfn page) => page.Start.Value - AsyncPfMemoryMap.PagedStart;

    private void Watch()
    {
        const int lookAgainMs = 20; // how soon Dispose is noticed whose signal came just before the wait
        _watching.Enter();
        while (!_stop)
        {
            if (!_faults.WaitForReport(lookAgainMs))
                continue;
            lock (_gate) // also while it reads: a report that is in nobody's hands cannot turn up after Renew
            {
                if (_faults.Next() is not { } missing)
                    continue;
                var page = new Gpa(AsyncPfMemoryMap.PagedStart + missing.Address - (ulong)_memory.Address).Page;
                _requested.Add(page);
                _waiting.Add((page, missing.ThreadId));
            }
            _changed.Ring();
        }
        _watching.Leave();
    }
}
