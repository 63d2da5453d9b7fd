using HvLab.Probes.Wire;

namespace HvLab.Probes.Host;

/// <summary>Writes frames in batches from a thread of its own: an SSH channel's write costs more than an operation.</summary>
internal sealed class TraceWriter : IDisposable
{
    // How long a frame may wait for company. A host that dies takes at most this much of the trace with it.
    private const int BatchMs = 20;

    private readonly Stream _output;
    private readonly object _gate = new();
    private readonly Thread _thread;
    private readonly MemoryStream _pending = new();
    private byte[] _sending = [];
    private bool _stop;

    public TraceWriter(Stream output)
    {
        _output = output;
        _thread = new(Pump) { IsBackground = true, Name = "trace" };
        _thread.Start();
    }

    public void Write(TraceFrame frame)
    {
        lock (_gate)
            FrameStream.Append(_pending, frame, WireJson.Default.TraceFrame);
    }

    public void Flush()
    {
        lock (_output)
        {
            int length;
            lock (_gate)
            {
                length = (int)_pending.Length;
                if (length == 0)
                    return;
                if (_sending.Length < length)
                    _sending = new byte[length * 2];
                _pending.GetBuffer().AsSpan(0, length).CopyTo(_sending);
                _pending.SetLength(0);
            }
            _output.Write(_sending, 0, length);
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
        _pending.Dispose();
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
