using HvLab.Harness.Lab;

namespace HvLab.Harness.Provisioning.Cache;

/// <summary>Tells a full disk from other trouble, however deep it was met.</summary>
public static class DiskSpace
{
    private const int NoSpace = 28; // ENOSPC
    private const int QuotaExceeded = 122; // EDQUOT

    /// <summary>Runs the action; a full disk becomes one <see cref="LabException"/> that names the path and what is free there.</summary>
    public static async Task GuardAsync(string path, Func<Task> action)
    {
        ArgumentNullException.ThrowIfNull(action);
        try
        {
            await action();
        }
        catch (Exception full) when (IsFull(full))
        {
            throw Full(path, full);
        }
    }

    /// <inheritdoc cref="GuardAsync"/>
    public static T Guard<T>(string path, Func<T> action)
    {
        ArgumentNullException.ThrowIfNull(action);
        try
        {
            return action();
        }
        catch (Exception full) when (IsFull(full))
        {
            throw Full(path, full);
        }
    }

    /// <summary>Bytes that this user may still write where the path is, or will be; null where that cannot be told.</summary>
    public static long? FreeBytes(string path)
    {
        for (var at = path; !string.IsNullOrEmpty(at); at = Path.GetDirectoryName(at))
            if (Directory.Exists(at))
                try
                {
                    return new DriveInfo(at).AvailableFreeSpace;
                }
                catch (IOException)
                {
                    return null;
                }
        return null;
    }

    private static LabException Full(string path, Exception inner) => new(LabFault.DiskFull,
        $"The disk is full: writing below {path} failed, and {MiB(FreeBytes(path))} are free there. Free about 1 GiB, or put the "
        + "cache on another disk with HVLAB_CACHE=DIRECTORY, and run the command again; what was half-built is gone.",
        (inner as LabException)?.Evidence, inner);

    private static string MiB(long? bytes) => bytes is { } b ? $"{b / (1 << 20)} MiB" : "an unknown number of MiB";

    /// <summary>From .NET's own writes by errno, from tools by their words.</summary>
    private static bool IsFull(Exception trouble) => trouble switch
    {
        // Told with its path already; what apt said of a full disk still lacks that.
        LabException { Reason: LabFault.DiskFull, InnerException: not null } => false,
        IOException io => io.HResult is NoSpace or QuotaExceeded || SaysFull(io.Message),
        LabException lab => SaysFull(lab.Evidence),
        _ => false,
    };

    private static bool SaysFull(string? words) => words is not null
        && (words.Contains("No space left on device", StringComparison.Ordinal)
            || words.Contains("Disk quota exceeded", StringComparison.Ordinal));
}
