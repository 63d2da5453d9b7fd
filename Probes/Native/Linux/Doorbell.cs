using System.Runtime.InteropServices;

namespace HvLab.Probes.Native.Linux;

/// <summary>
/// Tells other threads that something changed: futex(2), one system call a ring and none where nobody waits. A condition
/// variable makes its sleeper run into the ringer's lock first, and each such step costs an emulated CPU a tenth of a
/// millisecond.
/// </summary>
public sealed unsafe class Doorbell
{
    private const int WaitPrivate = 0 | 128, WakePrivate = 1 | 128;

    private readonly int* _count = (int*)NativeMemory.AllocZeroed(sizeof(int));
    private int _waiting;

    ~Doorbell() => NativeMemory.Free(_count);

    /// <summary>Rings so far. Read it, then look at what may have changed, then <see cref="Wait"/>: no ring is missed.</summary>
    public int Rings => Volatile.Read(ref *_count);

    public void Ring()
    {
        Interlocked.Increment(ref *_count);
        if (Volatile.Read(ref _waiting) != 0)
            // SAFETY: the address is this object's own and lives until it is collected.
            _ = Libc.Futex(_count, WakePrivate, int.MaxValue, null);
        GC.KeepAlive(this);
    }

    /// <summary>Returns at the first ring after <paramref name="rings"/>, when the time is over, or for no reason.</summary>
    /// <param name="milliseconds">Forever where negative.</param>
    public void Wait(int rings, int milliseconds)
    {
        var time = new Libc.TimeSpec { Seconds = milliseconds / 1000, Nanoseconds = milliseconds % 1000 * 1_000_000L };
        Interlocked.Increment(ref _waiting);
        // SAFETY: as above; the kernel reads the time before the call returns.
        _ = Libc.Futex(_count, WaitPrivate, rings, milliseconds < 0 ? null : &time);
        Interlocked.Decrement(ref _waiting);
        GC.KeepAlive(this);
    }
}
