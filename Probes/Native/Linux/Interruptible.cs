namespace HvLab.Probes.Native.Linux;

/// <summary>
/// A stretch of work whose blocking system calls others may interrupt. Its thread does something else afterwards, and a signal
/// that reached that would be mistaken: one that is pending while a thread waits for a pager makes it ask again and again.
/// </summary>
public sealed class Interruptible
{
    private readonly Lock _gate = new();
    private int _threadId;

    /// <summary>Begins on the calling thread.</summary>
    public void Enter()
    {
        lock (_gate)
            _threadId = NativeThread.CurrentId;
    }

    /// <summary>No signal is sent any more; one that was is delivered before the thread blocks again.</summary>
    public void Leave()
    {
        lock (_gate)
            _threadId = 0;
    }

    /// <summary>Does nothing before the work and after it.</summary>
    public void Interrupt()
    {
        lock (_gate)
            if (_threadId != 0)
                NativeThread.Interrupt(_threadId);
    }
}
