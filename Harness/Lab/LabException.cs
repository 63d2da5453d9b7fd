namespace HvLab.Harness.Lab;

/// <summary>Whose trouble it is decides the exit code and whether a retry makes sense.</summary>
public enum LabFault
{
    /// <summary>Bad usage or configuration: exit code 2, never retried.</summary>
    Configuration,
    /// <summary>Something this machine lacks: a package, a program, disk space.</summary>
    MissingTool,
    DiskFull,
    /// <summary>An image, a snapshot or a cache entry could not be made or read.</summary>
    Image,
    /// <summary>The emulator or the power driver failed.</summary>
    Power,
    /// <summary>The box did not reach its ready marker. <see cref="LabException.Evidence"/> quotes the console.</summary>
    Boot,
    /// <summary>The kernel under test panicked or oopsed. <see cref="LabException.Evidence"/> quotes the console.</summary>
    HostCrash,
    Ssh,
    /// <summary>The probe died, hung or sent something that is no frame.</summary>
    Probe,
    Build,
}

/// <summary>Trouble of the lab, told as one paragraph: what happened, where, and what to do next.</summary>
public sealed class LabException(LabFault reason, string message, string? evidence = null, Exception? inner = null)
    : Exception(message, inner)
{
    public LabFault Reason { get; } = reason;

    /// <summary>Untrusted text that supports the message (console lines, a tool's stderr), bounded to 16 KiB.</summary>
    public string? Evidence { get; } = evidence is { Length: > MaxEvidence } ? evidence[^MaxEvidence..] : evidence;

    private const int MaxEvidence = 16 * 1024;
}
