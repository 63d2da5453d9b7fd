using HvLab.Harness.Lab;
using HvLab.Harness.Lab.Configuration;
using Polly;
using Polly.Retry;
using Polly.Timeout;

namespace HvLab.Harness.Provisioning.Kernels;

/// <summary>
/// A directory that is there whole or not at all: filled under another name and renamed when finished. Trees of 17,000
/// files live here, so nothing is hashed and nothing is synced: what is lost in a crash of the machine is built again.
/// </summary>
public sealed class CacheSlot(string directory, Bounds bounds, TimeProvider time)
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(100);
    private const int LockHeldByAnother = 11; // EWOULDBLOCK of flock(LOCK_EX | LOCK_NB), which FileShare.None is on Linux

    /// <param name="valid">False for a finished directory that must be built again.</param>
    /// <param name="fill">Fills the directory it is given, which exists and is empty.</param>
    /// <returns>The directory, and whether it was there before.</returns>
    public async Task<(string Directory, bool Cached)> GetOrFillAsync(
        Func<string, bool> valid, Func<string, CancellationToken, Task> fill, CancellationToken cancellation)
    {
        if (Directory.Exists(directory) && valid(directory))
            return (directory, true);
        var parent = Path.GetDirectoryName(directory)!;
        Directory.CreateDirectory(parent);
        await using var held = await LockAsync(cancellation);
        if (Directory.Exists(directory) && valid(directory))
            return (directory, true);
        // The lock's holder is the only builder: whatever is half-made belongs to one that was killed.
        foreach (var half in Directory.GetDirectories(parent, $"{Path.GetFileName(directory)}.half-*").Append(directory))
            Remove(half);
        var fresh = $"{directory}.half-{Guid.NewGuid():N}";
        try
        {
            Directory.CreateDirectory(fresh);
            await fill(fresh, cancellation);
            Directory.Move(fresh, directory);
            return (directory, false);
        }
        finally
        {
            Remove(fresh);
        }
    }

    private async Task<FileStream> LockAsync(CancellationToken cancellation)
    {
        var wait = new ResiliencePipelineBuilder { TimeProvider = time }
            .AddTimeout(bounds.Setup)
            .AddRetry(new RetryStrategyOptions
            {
                ShouldHandle = new PredicateBuilder().Handle<IOException>(busy => busy.HResult == LockHeldByAnother),
                MaxRetryAttempts = int.MaxValue,
                Delay = Poll,
            })
            .Build();
        try
        {
            return await wait.ExecuteAsync(_ => ValueTask.FromResult(
                new FileStream($"{directory}.lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None)), cancellation);
        }
        catch (TimeoutRejectedException)
        {
            throw new LabException(LabFault.Build,
                $"Another process has been building {directory} for more than {bounds.Setup}. Look for another hvlab "
                + $"('fuser {directory}.lock' names it), end it, and run the command again.");
        }
    }

    /// <summary>Renamed first, so that a kill half-way leaves nothing that looks finished.</summary>
    private static void Remove(string doomed)
    {
        if (!Directory.Exists(doomed))
            return;
        if (!doomed.Contains(".half-", StringComparison.Ordinal))
        {
            var renamed = $"{doomed}.half-{Guid.NewGuid():N}";
            Directory.Move(doomed, renamed);
            doomed = renamed;
        }
        try
        {
            Directory.Delete(doomed, recursive: true);
        }
        catch (IOException)
        {
            // A compiler that outlived its killed parent may still write here; the next builder sweeps again.
        }
    }
}
