using HvLab.Probes.Wire;

namespace HvLab.Probes.Host;

/// <summary>
/// Turns frames into bytes and writes them, in batches and on a thread of its own: both cost more than an operation, and
/// the scenario does not wait for either.
/// </summary>
internal sealed class TraceWriter : IDisposable
{
    // How long a frame may wait for company. A host that dies takes at most this much of the trace with it.
    private const int BatchMs = 10;

    private readonly Stream _output;
    private readonly object _gate = new();
    private readonly Thread _thread;
    private readonly MemoryStream _bytes = new();
    private List<Func<TraceFrame>> _frames = [], _taken = [];
    private bool _stop;

    public TraceWriter(Stream output)
    {
        _output = output;
        _thread = new(Pump) { IsBackground = true, Name = "trace" };
        _thread.Start();
    }

    /// <param name="frame">Called once, later, on the writer's thread.</param>
    public void Write(Func<TraceFrame> frame)
    {
        lock (_gate)
            _frames.Add(frame);
    }

    public void Flush()
    {
        lock (_output)
        {
            lock (_gate)
                (_frames, _taken) = (_taken, _frames);
            if (_taken.Count == 0)
                return;
            _bytes.SetLength(0);
            foreach (var frame in _taken)
                FrameStream.Append(_bytes, frame(), WireJson.Default.TraceFrame);
            _taken.Clear();
            _output.Write(_bytes.GetBuffer(), 0, (int)_bytes.Length);
            _output.Flush();
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _stop = true;
            Monitor.PulseAll(_gate);
        }
        _thread.Join();
        Flush();
        _bytes.Dispose();
    }

    private void Pump()
    {
        while (true)
        {
            lock (_gate)
            {
                if (_stop)
                    return;
                Monitor.Wait(_gate, BatchMs);
            }
            Flush();
        }
    }
}
