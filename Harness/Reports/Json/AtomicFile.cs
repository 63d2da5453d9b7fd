using HvLab.Harness.Lab;

namespace HvLab.Harness.Reports.Json;

/// <summary>Files that a reader finds either whole or not at all, whenever this process is killed.</summary>
internal static class AtomicFile
{
    /// <summary>Of the temporary file, which a kill may leave.</summary>
    public const string Suffix = ".tmp";

    /// <summary>Temporary file beside the target, then rename. No fsync: a killed process loses nothing, only a power cut could.</summary>
    /// <exception cref="LabException"><see cref="LabFault.DiskFull"/>, or Configuration where the directory cannot be written.</exception>
    public static void Write(string path, params ReadOnlySpan<byte[]> parts)
    {
        var temporary = path + Suffix;
        try
        {
            using (var file = new FileStream(temporary, FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 1 << 16))
                foreach (var part in parts)
                    file.Write(part);
            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception trouble) when (trouble is IOException or UnauthorizedAccessException)
        {
            TryDelete(temporary);
            throw Explain(trouble, path);
        }
    }

    /// <summary>On a full disk the half of a file is the room that the next, shorter one needs.</summary>
    private static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception stays) when (stays is IOException or UnauthorizedAccessException)
        {
            // Then it stays; readers do not look at it.
        }
    }

    public static LabException Explain(Exception trouble, string path) => trouble is IOException { HResult: NoSpace or OverQuota }
        ? new(LabFault.DiskFull,
            $"The disk is full: '{path}' could not be written, and {Free(path)} are free there. What was written before stays readable. "
            + "Free some space, or name another place with --out, and run again.", inner: trouble)
        : new(LabFault.Configuration,
            $"'{path}' could not be written ({trouble.Message}). Name a directory that you may write with --out.", inner: trouble);

    private static string Free(string path)
    {
        try
        {
            return $"{new DriveInfo(Directory.Exists(path) ? path : Path.GetDirectoryName(path)!).AvailableFreeSpace >> 10} KiB";
        }
        catch (Exception unknown) when (unknown is IOException or UnauthorizedAccessException)
        {
            return "an unknown number of KiB";
        }
    }

    // errno values of Linux, which .NET hands on as HResult.
    private const int NoSpace = 28;
    private const int OverQuota = 122;
}
