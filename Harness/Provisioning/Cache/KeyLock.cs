using HvLab.Harness.Lab;
using HvLab.Harness.Lab.Configuration;
using Polly;
using Polly.Retry;
using Polly.Timeout;

namespace HvLab.Harness.Provisioning.Cache;

/// <summary>A lock on a file that the kernel releases with its holder, however the holder ends.</summary>
public static class KeyLock
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(50);
    private const int HeldByAnother = 11; // EWOULDBLOCK of flock(2)

    /// <summary>Takes the lock, waiting for another holder within <see cref="Bounds.Setup"/>.</summary>
    /// <param name="path">The lock's file; it is made when missing and never removed, because removing it would race.</param>
    /// <param name="what">What is being built, for the messages.</param>
    public static async Task<IDisposable> TakeAsync(
        string path, string what, Bounds bounds, TimeProvider time, IProgress<string>? waiting, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(bounds);
        var told = false;
        var wait = new ResiliencePipelineBuilder<IDisposable?> { TimeProvider = time }
            .AddTimeout(bounds.Setup)
            .AddRetry(new RetryStrategyOptions<IDisposable?>
            {
                ShouldHandle = new PredicateBuilder<IDisposable?>().HandleResult(held => held is null),
                MaxRetryAttempts = int.MaxValue,
                Delay = Poll,
                OnRetry = _ =>
                {
                    if (!told)
                        waiting?.Report($"another hvlab process is working on {what}: waiting for it");
                    told = true;
                    return default;
                },
            })
            .Build();
        try
        {
            return (await wait.ExecuteAsync(_ => ValueTask.FromResult(TryTake(path)), cancellation))!;
        }
        catch (TimeoutRejectedException)
        {
            throw new LabException(LabFault.Image,
                $"Another process has been working on {what} for more than {bounds.Setup} (it holds the lock {path}). "
                + "Look for another hvlab ('fuser' on the lock names it), end it, and run the command again.");
        }
    }

    /// <summary>The lock, or null where someone else holds it.</summary>
    public static IDisposable? TryTake(string path)
    {
        try
        {
            // FileShare.None is flock(LOCK_EX | LOCK_NB) on Linux; the descriptor is closed on exec, so children do not keep it.
            return DiskSpace.Guard(path, () => new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0));
        }
        catch (IOException busy) when (busy.HResult == HeldByAnother)
        {
            return null;
        }
    }
}
