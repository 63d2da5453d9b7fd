using System.Runtime.InteropServices;

namespace HvLab.Probes.Native.Linux;

/// <summary>Who touched a missing page.</summary>
/// <param name="Address">Address in this process, as the kernel reports it.</param>
/// <param name="ThreadId">The thread that waits: a vCPU's own, or a kernel worker's.</param>
public readonly record struct MissingPage(ulong Address, int ThreadId);

/// <summary>userfaultfd(2) in MISSING mode: the pager of a lab guest. Needs CAP_SYS_PTRACE, since the kernel itself faults.</summary>
public sealed unsafe class UserFaultFd : IDisposable
{
    private readonly FileDescriptor _fd;
    private readonly MemoryMapping _memory;
    private readonly ulong _offset;
    private readonly ulong _length;
    private bool _registered;

    public UserFaultFd(MemoryMapping memory, ulong offset, ulong length)
    {
        ArgumentNullException.ThrowIfNull(memory);
        (_memory, _offset, _length) = (memory, offset, length);
        _fd = FileDescriptor.Own((int)Libc.Syscall(Libc.SYS_userfaultfd, Libc.O_CLOEXEC | Libc.O_NONBLOCK, 0, 0), "userfaultfd");
        var api = new Api { Version = 0xAA, Features = FeatureThreadId };
        // SAFETY: the kernel reads and writes exactly the struct whose size is encoded in the request.
        _fd.Require("UFFDIO_API", UFFDIO_API, (nint)(&api));
        Register();
    }

    private ulong Start => (ulong)_memory.Address + _offset;

    /// <summary>Pages of the range that are missing are reported from now on.</summary>
    public void Register()
    {
        var register = new Registration { Start = Start, Length = _length, Mode = RegisterMissing };
        // SAFETY: as above.
        _fd.Require("UFFDIO_REGISTER", UFFDIO_REGISTER, (nint)(&register));
        _registered = true;
    }

    /// <summary>False where no report came within the time.</summary>
    public bool WaitForReport(int timeoutMs)
    {
        var poll = new Libc.PollFd { Fd = _fd.Value, Events = 1 };
        // SAFETY: the one structure that is announced.
        return Libc.Poll(&poll, 1, timeoutMs) > 0;
    }

    /// <summary>The next report, or null where there is none now.</summary>
    public MissingPage? Next()
    {
        var message = stackalloc byte[MessageSize];
        // SAFETY: the buffer lives on this stack frame and has the size that is passed.
        if (Libc.Read(_fd.Value, message, MessageSize) != MessageSize || message[0] != EventPagefault)
            return null;
        return new(*(ulong*)(message + 16), *(int*)(message + 24));
    }

    /// <summary>Puts a page in place and wakes whoever waits for it. False where it is there already.</summary>
    public bool Supply(ulong offset, ReadOnlySpan<byte> content)
    {
        fixed (byte* source = content)
        {
            var copy = new Copy { Destination = (ulong)_memory.Address + offset, Source = (ulong)source, Length = (ulong)content.Length };
            // SAFETY: the kernel copies content.Length bytes from the pinned span.
            if (_fd.Ioctl(UFFDIO_COPY, (nint)(&copy)) == 0)
                return true;
            var errno = Errno.Last;
            return errno == Errno.Exists ? false : throw new NativeCallException("UFFDIO_COPY", errno);
        }
    }

    /// <summary>Ends paging: whoever waits is woken and finds zeros.</summary>
    public void Unregister()
    {
        if (!_registered)
            return;
        _registered = false;
        var range = new Range { Start = Start, Length = _length };
        // SAFETY: as above.
        _fd.Ioctl(UFFDIO_UNREGISTER, (nint)(&range));
    }

    public void Dispose() => _fd.Dispose();

    private const nuint UFFDIO_API = 0xC018AA3F, UFFDIO_REGISTER = 0xC020AA00, UFFDIO_UNREGISTER = 0x8010AA01, UFFDIO_COPY = 0xC028AA03;
    private const ulong FeatureThreadId = 1 << 8;
    private const ulong RegisterMissing = 1;
    private const int MessageSize = 32;
    private const byte EventPagefault = 0x12;

    [StructLayout(LayoutKind.Sequential)]
    private struct Api { public ulong Version, Features, Ioctls; }

    [StructLayout(LayoutKind.Sequential)]
    private struct Range { public ulong Start, Length; }

    [StructLayout(LayoutKind.Sequential)]
    private struct Registration { public ulong Start, Length, Mode, Ioctls; }

    [StructLayout(LayoutKind.Sequential)]
    private struct Copy { public ulong Destination, Source, Length, Mode; public long Copied; }
}
