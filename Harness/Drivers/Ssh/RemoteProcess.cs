using HvLab.Harness.Drivers.Processes;
using HvLab.Harness.Lab;

namespace HvLab.Harness.Drivers.Ssh;

/// <summary>
/// A program that runs on the host, with its streams. Its standard input ends with the session, and disposing kills it on
/// the host too, so nothing of it stays behind.
/// </summary>
public sealed class RemoteProcess : IAsyncDisposable
{
    private readonly BoundChild _ssh;
    private readonly TailText _error;
    private readonly Func<int, Task> _killRemote;
    private readonly Lock _disposing = new();
    private Task? _disposed;
    private volatile bool _abandoned;

    private RemoteProcess(BoundChild ssh, TailText error, int pid, SshEndpoint endpoint, Task reading, Func<int, Task> killRemote)
    {
        (_ssh, _error, Pid, _killRemote) = (ssh, error, pid, killRemote);
        Exited = WatchAsync(ssh, error, reading, endpoint);
        // Nobody may be waiting when the box goes away under it.
        _ = Exited.ContinueWith(static task => task.Exception, CancellationToken.None,
            TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    /// <summary>Process id on the host; it leads its own session and process group.</summary>
    public int Pid { get; }
    public Stream StandardInput => _ssh.StandardInput;
    public Stream StandardOutput => _ssh.StandardOutput;
    /// <summary>The last 16 KiB of standard error so far: untrusted.</summary>
    public string StandardError => _error.ToString();

    /// <summary>The program's exit code (128 + signal for a killed one).</summary>
    /// <exception cref="LabException"><see cref="LabFault.Ssh"/> where the connection broke instead.</exception>
    public Task<int> Exited { get; }

    /// <summary>Returns once the session stands and the program is about to start.</summary>
    internal static async Task<RemoteProcess> StartAsync(
        SshEndpoint endpoint, IReadOnlyList<string> sshArguments, Func<int, Task> killRemote, CancellationToken cancellation)
    {
        var ssh = await BoundChild.StartAsync(ChildLife.WithHarness, "ssh", sshArguments);
        var error = new TailText();
        var announced = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        var reading = ReadErrorAsync(ssh.StandardError, error, announced);
        try
        {
            await Task.WhenAny(announced.Task, reading).WaitAsync(cancellation);
            if (announced.Task.IsCompletedSuccessfully)
                return new(ssh, error, await announced.Task, endpoint, reading, killRemote);
            var code = await ssh.Exited.WaitAsync(cancellation);
            var fault = SshFaults.Classify(code, error.ToString()) switch
            {
                // Nothing was announced, so nothing ran.
                SshFault.Dropped => SshFault.ClosedEarly,
                var other => other ?? SshFault.Other,
            };
            throw new SshTrouble(fault, SshFaults.Describe(fault, endpoint, error.ToString()));
        }
        catch
        {
            await ssh.DisposeAsync();
            throw;
        }
    }

    /// <summary>For a host that is about to lose its power: disposing then kills the local client alone.</summary>
    public void Abandon() => _abandoned = true;

    /// <summary>Kills the local client and the program on the host.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_disposing)
            _disposed ??= KillAsync();
        await _disposed;
    }

    private async Task KillAsync()
    {
        var finished = _ssh.Exited.IsCompletedSuccessfully && await _ssh.Exited != SshFaults.ExitCode;
        await _ssh.DisposeAsync();
        if (!finished && !_abandoned)
            await _killRemote(Pid);
    }

    private static async Task<int> WatchAsync(BoundChild ssh, TailText error, Task reading, SshEndpoint endpoint)
    {
        var code = await ssh.Exited;
        await reading;
        return SshFaults.Classify(code, error.ToString()) is { } fault
            ? throw SshFaults.Describe(fault, endpoint, error.ToString())
            : code;
    }

    private static async Task ReadErrorAsync(StreamReader reader, TailText error, TaskCompletionSource<int> announced)
    {
        // Only the first lines can be the announcement: the program's own words follow it.
        const int maxLinesBefore = 64;
        for (var line = 0; line < maxLinesBefore && !announced.Task.IsCompleted; line++)
        {
            if (await ReadLineAsync(reader) is not { } text)
                return;
            if (RemoteCommand.ParseAnnouncement(text) is { } pid)
                announced.SetResult(pid);
            else
                error.Add(text + "\n");
        }
        await error.DrainAsync(reader);
    }

    private static async Task<string?> ReadLineAsync(StreamReader reader)
    {
        try
        {
            return await reader.ReadLineAsync();
        }
        catch (IOException)
        {
            return null;
        }
    }
}

/// <summary>Carries the kind of failure to the retry; what callers see is the <see cref="LabException"/> inside.</summary>
internal sealed class SshTrouble(SshFault fault, LabException told) : Exception(told.Message, told)
{
    public SshFault Fault { get; } = fault;
    public LabException Told { get; } = told;
}
