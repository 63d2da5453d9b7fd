using System.Text.Json;
using HvLab.Harness.Drivers.Processes;
using HvLab.Harness.Drivers.Ssh;
using HvLab.Harness.Lab;
using HvLab.Harness.Lab.Configuration;

namespace HvLab.Harness.Provisioning.Boxes;

/// <summary>The boxes that outlive a run: "hvlab box up|down|status|ssh|console".</summary>
public sealed class KeptBoxes(HvLabPaths paths, Bounds bounds, TimeProvider clock)
{
    private const string RecordName = "box.json";

    /// <summary>Null where no box of that name is up; what a dead one left is removed.</summary>
    public async Task<BoxRecord?> StatusAsync(string name, CancellationToken cancellation)
    {
        if (!File.Exists(RecordFile(name)))
            return null;
        using var held = await LockAsync(name, cancellation);
        return ReadLive(name);
    }

    /// <summary>Every kept box that is up.</summary>
    public async Task<IReadOnlyList<BoxRecord>> ListAsync(CancellationToken cancellation)
    {
        if (!Directory.Exists(Root))
            return [];
        var found = new List<BoxRecord>();
        foreach (var directory in Directory.EnumerateDirectories(Root).Order(StringComparer.Ordinal))
            if (await StatusAsync(Path.GetFileName(directory), cancellation) is { } record)
                found.Add(record);
        return found;
    }

    /// <summary>Powers the box off. False where it was not up.</summary>
    public async Task<bool> DownAsync(string name, CancellationToken cancellation)
    {
        using var held = await LockAsync(name, cancellation);
        if (ReadLive(name) is not { } record)
            return false;
        // RAM is the whole state of a box: there is nothing to shut down in order.
        record.Process.Kill();
        var begun = clock.GetTimestamp();
        while (record.Process.IsAlive && clock.GetElapsedTime(begun) < bounds.PowerOff)
            await Task.Delay(TimeSpan.FromMilliseconds(5), clock, cancellation);
        if (record.Process.IsAlive)
            throw new LabException(LabFault.Power,
                $"The box '{name}' (process {record.Process.Pid}) is still there {bounds.PowerOff.TotalSeconds:0.#} s after SIGKILL. Its machine may wait for a disk.");
        Forget(record);
        return true;
    }

    /// <summary>Argument array for an interactive login or one command, in the user's own terminal.</summary>
    public IReadOnlyList<string> SshCommand(BoxRecord record, IReadOnlyList<string> command)
    {
        ArgumentNullException.ThrowIfNull(record);
        return ["ssh", .. SshArguments.ForTerminal(record.Endpoint, bounds.SshConnect, bounds.ProbeSilence, command)];
    }

    /// <exception cref="LabException"><see cref="LabFault.Power"/> where a box of that name is up already.</exception>
    internal async Task RequireFreeAsync(string name, CancellationToken cancellation)
    {
        if (await StatusAsync(name, cancellation) is { } record)
            throw new LabException(LabFault.Power,
                $"The box '{name}' is already up (release {record.Release}, since {record.Since:u}). './hvlab box down {name}' ends it; without --keep a run takes a box of its own.");
    }

    /// <summary>Writes the record as soon as the process exists, so that "down" finds it whatever happens next.</summary>
    internal async Task RegisterAsync(BoxRecord record, CancellationToken cancellation)
    {
        using var held = await LockAsync(record.Name, cancellation);
        var unfinished = RecordFile(record.Name) + ".part";
        await File.WriteAllBytesAsync(unfinished, JsonSerializer.SerializeToUtf8Bytes(record, BoxesJson.Default.BoxRecord), cancellation);
        File.Move(unfinished, RecordFile(record.Name), overwrite: true);
    }

    private string Root => Path.Combine(paths.Cache, "boxes");

    private string RecordFile(string name) => Path.Combine(DirectoryOf(name), RecordName);

    private string DirectoryOf(string name) =>
        name.Length is > 0 and < 100 && name[0] != '.' && name.All(character => char.IsAsciiLetterOrDigit(character) || character is '-' or '_' or '.')
            ? Path.Combine(Root, name)
            : throw new LabException(LabFault.Configuration,
                $"'{Drivers.Console.ConsoleText.Escape(name, 100)}' is no name of a box. Allowed: letters, digits, '-', '_' and '.', not first.");

    private Task<IDisposable> LockAsync(string name, CancellationToken cancellation) =>
        FileLock.TakeAsync(Path.Combine(DirectoryOf(name), "lock"), bounds.Restore, clock, cancellation);

    private BoxRecord? ReadLive(string name)
    {
        BoxRecord? record;
        try
        {
            record = JsonSerializer.Deserialize(File.ReadAllBytes(RecordFile(name)), BoxesJson.Default.BoxRecord);
        }
        catch (FileNotFoundException)
        {
            return null;
        }
        catch (JsonException)
        {
            // Nobody can say which process it meant: nothing is killed.
            File.Delete(RecordFile(name));
            return null;
        }
        if (record is { Process.IsAlive: true })
            return record;
        if (record is not null)
            Forget(record);
        return null;
    }

    private void Forget(BoxRecord record)
    {
        File.Delete(RecordFile(record.Name));
        PrivateDirectory.Sweep();
    }
}
