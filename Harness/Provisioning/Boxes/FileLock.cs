using HvLab.Harness.Lab;

namespace HvLab.Harness.Provisioning.Boxes;

/// <summary>A lock between processes: flock(2) on a file, so a killed holder lets go.</summary>
internal static class FileLock
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(20);
    private const int HeldByAnother = 11; // EWOULDBLOCK of flock(LOCK_EX | LOCK_NB), which FileShare.None is on Linux

    /// <summary>Waits for the lock, within the bound.</summary>
    /// <exception cref="LabException"><see cref="LabFault.Image"/> where another process holds it for longer.</exception>
    public static async Task<IDisposable> TakeAsync(string file, TimeSpan bound, TimeProvider clock, CancellationToken cancellation)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        var begun = clock.GetTimestamp();
        while (true)
        {
            try
            {
                return new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException held) when (held.HResult == HeldByAnother && clock.GetElapsedTime(begun) > bound)
            {
                throw new LabException(LabFault.Image,
                    $"Another hvlab process holds {file} for more than {bound.TotalSeconds:0.#} s. Wait for it to end, or end it.", inner: held);
            }
            catch (IOException held) when (held.HResult == HeldByAnother)
            {
                await Task.Delay(Poll, clock, cancellation);
            }
        }
    }
}
