using System.Diagnostics;
using System.Globalization;
using HvLab.GuestAgents.Payloads.Xen;
using HvLab.Probes.Native.Linux;
using HvLab.Probes.Native.Xen;
using HvLab.Probes.Xen.Domains;
using HvLab.Reference;
using HvLab.Reference.Xen;

namespace HvLab.Probes.Xen.Paging;

/// <summary>A foreign map under way, on a thread of its own: the library tries again for as long as the page is paged out.</summary>
internal sealed class PendingMap
{
    // The library sleeps between tries, so each costs its thread a switch. So many tries without success are no accident.
    private const int Tries = 6;

    private readonly object _changed = new();
    private readonly ManualResetEventSlim _started = new();
    private int _thread;
    private bool _over;
    private ForeignMapping? _mapping;
    private Errno _errno;

    public PendingMap(XenDomain domain, Gfn page, bool writable) =>
        new Thread(() => Map(domain, page, writable)) { IsBackground = true, Name = "map" }.Start();

    /// <summary>Waits until the map is made or refused, or it is clear that it waits.</summary>
    public PagingSeen Look(int giveUpMs)
    {
        _started.Wait();
        var start = Stopwatch.GetTimestamp();
        var (first, looks) = (Switches(), 0);
        while (true)
        {
            lock (_changed)
            {
                if (!_over)
                    Monitor.Wait(_changed, 1);
                if (_over && _mapping is null)
                    return new PagingSeen.Failed(new(_errno.Value));
                if (_over)
                {
                    IsHeld = true;
                    return new PagingSeen.Word(_mapping!.At<uint>(PagingPage.Word));
                }
            }
            if (++looks > Tries && Switches() - first > Tries)
                return new PagingSeen.Blocked();
            if (Stopwatch.GetElapsedTime(start).TotalMilliseconds > giveUpMs)
                return new PagingSeen.Nothing();
        }
    }

    /// <summary>The map is made, and somebody was told so.</summary>
    public bool IsHeld { get; private set; }

    /// <summary>The map is made, whoever knows.</summary>
    public bool IsMade
    {
        get
        {
            lock (_changed)
                return _mapping is not null;
        }
    }

    public void Unmap()
    {
        lock (_changed)
        {
            _mapping?.Dispose();
            _mapping = null;
        }
    }

    private void Map(XenDomain domain, Gfn page, bool writable)
    {
        _thread = NativeThread.CurrentId;
        _started.Set();
        var mapping = domain.Host.ForeignMemory.TryMap(domain.Number, [page.Value], writable, out var errno);
        lock (_changed)
        {
            (_mapping, _errno, _over) = (mapping, errno, true);
            Monitor.PulseAll(_changed);
        }
    }

    private int Switches()
    {
        try
        {
            foreach (var line in File.ReadLines($"/proc/self/task/{_thread}/status"))
                if (line.StartsWith("voluntary_ctxt_switches:", StringComparison.Ordinal))
                    return int.Parse(line.AsSpan(24).Trim(), CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            // It has just ended; the next look finds that.
        }
        return 0;
    }
}
