using System.Runtime.InteropServices;

namespace HvLab.Probes.Native.Linux;

/// <summary>An error number of Linux; what a hypervisor returns is data, so this is a value and not an exception.</summary>
public readonly record struct Errno(int Value)
{
    public static readonly Errno None = new(0), Interrupted = new(4), Again = new(11), Fault = new(14), Exists = new(17);

    internal static Errno Last => new(Marshal.GetLastPInvokeError());
    public override string ToString() => Value == 0 ? "no error" : $"errno {Value} ({Marshal.GetPInvokeErrorMessage(Value)})";
}

/// <summary>The lab's own set-up failed on the host: a call that must work did not. Ends the scenario as Error.</summary>
public sealed class NativeCallException(string call, Errno errno) : Exception($"{call} failed: {errno}")
{
    public Errno Errno { get; } = errno;
}
