using System.Text.Json.Nodes;
using HvLab.Harness.Lab;

namespace HvLab.Harness.Drivers.Qemu;

/// <summary>
/// A box's whole state to a file and back, by migration with the capability mapped-ram (QEMU 9.0 and newer): each page has
/// its fixed place, so the file is sparse and loads in tens of milliseconds.
/// </summary>
public static class QemuMigration
{
    private const int MultifdChannels = 2;
    private const long MaxBytesPerSecond = 1L << 34;
    private static readonly TimeSpan FinalizePoll = TimeSpan.FromMilliseconds(2);

    /// <summary>Stops the guest, writes the file, and lets the guest go on, whatever came of it.</summary>
    /// <exception cref="LabException"><see cref="LabFault.Image"/> with QEMU's own words, <see cref="LabFault.DiskFull"/> where it says so.</exception>
    public static async Task SaveAsync(QmpClient qmp, string file, TimeProvider clock, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(qmp);
        await PrepareAsync(qmp, cancellation);
        await qmp.ExecuteAsync("stop", null, cancellation);
        try
        {
            await MigrateAsync(qmp, "migrate", file, cancellation);
        }
        finally
        {
            await ContinueAsync(qmp, clock, cancellation);
        }
    }

    /// <summary>Fills a QEMU that was started with <see cref="QemuMachine.Incoming"/> and lets the guest go on.</summary>
    /// <exception cref="LabException"><see cref="LabFault.Image"/> where the file does not fit or is damaged; QEMU may have exited over it (<see cref="LabFault.Power"/>).</exception>
    public static async Task LoadAsync(QmpClient qmp, string file, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(qmp);
        await PrepareAsync(qmp, cancellation);
        await MigrateAsync(qmp, "migrate-incoming", file, cancellation);
        await qmp.ExecuteAsync("cont", null, cancellation);
    }

    /// <summary>
    /// QEMU tells "completed" a moment before it leaves the run state finish-migrate, and in that state it refuses "cont"
    /// ("Migration is not finalized yet", qmp_cont in monitor/qmp-cmds.c): seen on a loaded machine.
    /// </summary>
    private static async Task ContinueAsync(QmpClient qmp, TimeProvider clock, CancellationToken cancellation)
    {
        while ((await qmp.ExecuteAsync("query-status", null, cancellation)).TryGetProperty("status", out var status)
            && status.ValueEquals("finish-migrate"))
            await Task.Delay(FinalizePoll, clock, cancellation);
        await qmp.ExecuteAsync("cont", null, cancellation);
    }

    private static async Task PrepareAsync(QmpClient qmp, CancellationToken cancellation)
    {
        await qmp.ExecuteAsync("migrate-set-capabilities", new()
        {
            ["capabilities"] = new JsonArray(
                [.. new[] { "events", "mapped-ram", "multifd" }.Select(name => new JsonObject { ["capability"] = name, ["state"] = true })]),
        }, cancellation);
        await qmp.ExecuteAsync("migrate-set-parameters", new()
        {
            ["multifd-channels"] = MultifdChannels,
            // The default suits a shared network (128 MB/s): it made a save take 0.8 s instead of 0.2 s.
            ["max-bandwidth"] = MaxBytesPerSecond,
        }, cancellation);
    }

    private static async Task MigrateAsync(QmpClient qmp, string command, string file, CancellationToken cancellation)
    {
        var ended = qmp.NextEventAsync(happened =>
            happened.Name == "MIGRATION" && happened.Text("status") is "completed" or "failed" or "cancelled");
        await qmp.ExecuteAsync(command, new() { ["uri"] = "file:" + file }, cancellation);
        if ((await ended.WaitAsync(cancellation)).Text("status") == "completed")
            return;
        var status = await qmp.ExecuteAsync("query-migrate", null, cancellation);
        var words = status.TryGetProperty("error-desc", out var description) ? description.ToString() : "no description";
        throw words.Contains("No space left", StringComparison.OrdinalIgnoreCase)
            ? new LabException(LabFault.DiskFull,
                $"The disk is full: QEMU could not write the snapshot {file}. Free some space, or delete old entries of the cache's snapshots directory.", words)
            : new LabException(LabFault.Image, $"QEMU's {command} of the snapshot {file} failed. Delete it; the next run boots cold and makes a new one.", words);
    }
}
