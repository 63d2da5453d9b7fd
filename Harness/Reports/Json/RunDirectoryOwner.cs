using HvLab.Harness.Lab;

namespace HvLab.Harness.Reports.Json;

/// <summary>Who may write a run directory: one process at a time, and never over files that are no run.</summary>
internal static class RunDirectoryOwner
{
    private const string LockName = ".run.lock";
    private static readonly string[] Ours =
    [
        RunDirectory.ResultsName, RunDirectory.JournalName, RunDirectory.JUnitName, RunDirectory.HtmlName, RunDirectory.ConsoleName,
    ];

    /// <summary>The lock (it ends with the process, however that ends), with an earlier run's results removed.</summary>
    public static FileStream Take(string path)
    {
        FileStream? ownership = null;
        try
        {
            Directory.CreateDirectory(path);
            var earlier = File.Exists(Path.Combine(path, RunDirectory.ResultsName));
            if (!earlier && Directory.EnumerateFileSystemEntries(path).Any(entry => !IsLeftover(entry)))
                throw new LabException(LabFault.Configuration,
                    $"The directory '{path}' holds files that are no run of HvLab, so nothing was written there. "
                    + "Name a new or empty directory with --out.");
            ownership = Lock(path);
            if (earlier)
                RemoveEarlierRun(path);
            return ownership;
        }
        catch (Exception trouble) when (trouble is IOException or UnauthorizedAccessException)
        {
            ownership?.Dispose();
            throw AtomicFile.Explain(trouble, path);
        }
    }

    /// <summary>What a run leaves that was killed, or met a full disk, before it wrote its first results: nothing of worth.</summary>
    private static bool IsLeftover(string entry) => Path.GetFileName(entry) switch
    {
        LockName or (RunDirectory.ResultsName + AtomicFile.Suffix) => true,
        RunDirectory.JournalName => new FileInfo(entry) is { Exists: true, Length: 0 },
        RunDirectory.TracesName => Directory.Exists(entry) && !Directory.EnumerateFileSystemEntries(entry).Any(),
        _ => false,
    };

    private static FileStream Lock(string path)
    {
        var file = Path.Combine(path, LockName);
        try
        {
            return new(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 1, FileOptions.DeleteOnClose);
        }
        catch (IOException busy) when (File.Exists(file))
        {
            throw new LabException(LabFault.Configuration,
                $"Another run is writing to '{path}'. Wait until it has ended, or name another directory with --out.", inner: busy);
        }
    }

    private static void RemoveEarlierRun(string path)
    {
        foreach (var name in Ours)
            File.Delete(Path.Combine(path, name));
        var traces = Path.Combine(path, RunDirectory.TracesName);
        if (Directory.Exists(traces))
            foreach (var trace in Directory.EnumerateFiles(traces, "*.json"))
                File.Delete(trace);
    }
}
