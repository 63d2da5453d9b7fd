using Microsoft.Win32.SafeHandles;

namespace HvLab.Probes.Native.Linux;

/// <summary>An owned file descriptor, closed exactly once.</summary>
public sealed class FileDescriptor : SafeHandleMinusOneIsInvalid
{
    private FileDescriptor(int fd) : base(ownsHandle: true) => SetHandle(fd);

    internal int Value => (int)handle;

    internal static FileDescriptor Own(int fd, string call) =>
        fd >= 0 ? new(fd) : throw new NativeCallException(call, Errno.Last);

    public static FileDescriptor Open(string path) =>
        Own(Libc.Open(path, Libc.O_RDWR | Libc.O_CLOEXEC, 0), $"open(\"{path}\")");

    /// <summary>The ioctl's result, which may be negative: the caller decides what that means.</summary>
    internal int Ioctl(nuint request, nint argument = 0) => Libc.Ioctl(Value, request, argument);

    internal int Require(string name, nuint request, nint argument = 0)
    {
        var result = Ioctl(request, argument);
        return result >= 0 ? result : throw new NativeCallException(name, Errno.Last);
    }

    protected override bool ReleaseHandle() => Libc.Close((int)handle) == 0;
}
