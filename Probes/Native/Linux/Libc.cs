using System.Runtime.InteropServices;

namespace HvLab.Probes.Native.Linux;

/// <summary>The libc calls that probes need, as they are in their man pages. Errors are read with <see cref="Errno.Last"/>.</summary>
internal static unsafe partial class Libc
{
    private const string Name = "libc";

    [LibraryImport(Name, EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int Open(string path, int flags, int mode);

    [LibraryImport(Name, EntryPoint = "close", SetLastError = true)]
    internal static partial int Close(int fd);

    [LibraryImport(Name, EntryPoint = "ioctl", SetLastError = true)]
    internal static partial int Ioctl(int fd, nuint request, nint argument);

    [LibraryImport(Name, EntryPoint = "read", SetLastError = true)]
    internal static partial nint Read(int fd, void* buffer, nuint count);

    [LibraryImport(Name, EntryPoint = "pread", SetLastError = true)]
    internal static partial nint Pread(int fd, void* buffer, nuint count, long offset);

    [LibraryImport(Name, EntryPoint = "poll", SetLastError = true)]
    internal static partial int Poll(PollFd* fds, nuint count, int timeoutMs);

    [LibraryImport(Name, EntryPoint = "mmap", SetLastError = true)]
    internal static partial nint Mmap(nint address, nuint length, int protection, int flags, int fd, long offset);

    [LibraryImport(Name, EntryPoint = "munmap", SetLastError = true)]
    internal static partial int Munmap(nint address, nuint length);

    [LibraryImport(Name, EntryPoint = "madvise", SetLastError = true)]
    internal static partial int Madvise(nint address, nuint length, int advice);

    [LibraryImport(Name, EntryPoint = "syscall", SetLastError = true)]
    internal static partial long Syscall(long number, long a, long b, long c);

    internal static long Futex(int* address, int operation, int value, TimeSpec* timeout) => Syscall(SYS_futex, address, operation, value, timeout);

    [LibraryImport(Name, EntryPoint = "syscall", SetLastError = true)]
    private static partial long Syscall(long number, int* address, long operation, long value, TimeSpec* timeout);

    [LibraryImport(Name, EntryPoint = "usleep", SetLastError = true)]
    internal static partial int Usleep(uint microseconds);

    [LibraryImport(Name, EntryPoint = "sigaction", SetLastError = true)]
    internal static partial int Sigaction(int signal, SigAction* action, void* old);

    internal const int O_RDWR = 2, O_CLOEXEC = 0x80000, O_NONBLOCK = 0x800;
    internal const int PROT_READ = 1, PROT_WRITE = 2, MAP_SHARED = 1, MAP_PRIVATE = 2, MAP_ANONYMOUS = 0x20;
    internal const int MADV_DONTNEED = 4, MADV_NOHUGEPAGE = 15;
    internal const long SYS_gettid = 186, SYS_futex = 202, SYS_sched_setaffinity = 203, SYS_tgkill = 234, SYS_userfaultfd = 323;

    [StructLayout(LayoutKind.Sequential)]
    internal struct PollFd
    {
        public int Fd;
        public short Events;
        public short Returned;
    }

    /// <summary>struct sigaction of x86-64 glibc: handler, 1024-bit mask, flags, restorer.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct SigAction
    {
        public nint Handler;
        public fixed ulong Mask[16];
        public int Flags;
        public nint Restorer;
    }

    [StructLayout(LayoutKind.Sequential)]
    internal struct TimeSpec
    {
        public long Seconds, Nanoseconds;
    }
}
