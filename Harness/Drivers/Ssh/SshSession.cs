using System.Globalization;
using HvLab.Harness.Drivers.Processes;
using HvLab.Harness.Drivers.Waiting;
using HvLab.Harness.Lab;
using HvLab.Harness.Lab.Configuration;
using Polly;
using Polly.Retry;

namespace HvLab.Harness.Drivers.Ssh;

/// <summary>What a remote command left behind. Texts are the last 1 MiB and 16 KiB, untrusted.</summary>
public sealed record SshResult(int ExitCode, string Output, string Error);

/// <summary>
/// A host's SSH, through the OpenSSH client. Each command is a connection of its own: a warm run makes exactly one, and a
/// control master pays from the second on only, at the price of a process and a socket that may outlive a kill.
/// </summary>
public sealed class SshSession(SshEndpoint endpoint, Bounds bounds, TimeProvider clock)
{
    private const int MaxOutputChars = 1024 * 1024;
    private readonly List<Func<IReadOnlyList<string>>> _before = [];

    public SshEndpoint Endpoint { get; } = endpoint;

    /// <summary>Runs this on the host just before the next command, in the same connection; its result does not matter.</summary>
    public void BeforeNext(Func<IReadOnlyList<string>> command)
    {
        lock (_before)
            _before.Add(command);
    }

    /// <summary>Runs a program to its end. Arguments arrive on the host exactly as given.</summary>
    /// <exception cref="LabException"><see cref="LabFault.Ssh"/>: refused, slow, wrong host key, dropped half-way.</exception>
    public async Task<SshResult> RunAsync(IReadOnlyList<string> arguments, CancellationToken cancellation)
    {
        var process = await StartAsync(arguments, cancellation);
        await using (process)
        {
            return await Within.BoundAsync(bounds.SshCommand, clock, async token =>
            {
                process.StandardInput.Close();
                var output = new TailText(MaxOutputChars);
                using var reader = new StreamReader(process.StandardOutput);
                await output.DrainAsync(reader).WaitAsync(token);
                return new SshResult(await process.Exited.WaitAsync(token), output.ToString(), process.StandardError);
            }, () => TooLong($"'{arguments[0]}'"), cancellation);
        }
    }

    /// <summary>As <see cref="RunAsync"/>; any exit code but 0 is a <see cref="LabException"/> with the program's own words.</summary>
    public async Task<SshResult> RequireAsync(IReadOnlyList<string> arguments, CancellationToken cancellation)
    {
        var result = await RunAsync(arguments, cancellation);
        return result.ExitCode == 0 ? result : throw new LabException(LabFault.Ssh,
            $"'{arguments[0]}' on the host ended with exit code {result.ExitCode}. Its words are below; './hvlab box ssh' repeats it by hand.",
            Console.ConsoleText.Escape(result.Error));
    }

    /// <summary>Starts a program and returns once the session stands; tries again while nobody listens, within the bounds.</summary>
    /// <exception cref="LabException"><see cref="LabFault.Ssh"/>.</exception>
    public Task<RemoteProcess> StartAsync(IReadOnlyList<string> arguments, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        ArgumentOutOfRangeException.ThrowIfZero(arguments.Count);
        return ConnectAsync(async token =>
        {
            List<Func<IReadOnlyList<string>>> before;
            lock (_before)
                before = [.. _before];
            var command = RemoteCommand.Build(arguments, before.Select(make => make()));
            var process = await RemoteProcess.StartAsync(Endpoint, ClientArguments(command), KillRemoteAsync, token);
            lock (_before)
                _before.RemoveAll(before.Contains);
            return process;
        }, cancellation);
    }

    /// <summary>Copies a file to the host, executable, and gives it its name only when it is complete.</summary>
    public async Task UploadAsync(string local, string remote, CancellationToken cancellation)
    {
        ArgumentException.ThrowIfNullOrEmpty(remote);
        var unfinished = remote + ".part";
        var directory = remote[..Math.Max(1, remote.LastIndexOf('/'))];
        var batch = string.Join('\n',
            $"-mkdir {SftpWord(directory)}",
            $"put {SftpWord(local)} {SftpWord(unfinished)}",
            $"chmod 755 {SftpWord(unfinished)}",
            $"rename {SftpWord(unfinished)} {SftpWord(remote)}",
            "");
        await ConnectAsync(token => TransferAsync(batch, local, remote, token), cancellation);
    }

    private async Task<bool> TransferAsync(string batch, string local, string remote, CancellationToken cancellation)
    {
        await using var sftp = await BoundChild.StartAsync(ChildLife.WithHarness, "sftp",
            SshArguments.ForTransfer(Endpoint, bounds.SshConnect, bounds.ProbeSilence));
        var error = new TailText();
        var reading = Task.WhenAll(error.DrainAsync(sftp.StandardError), sftp.StandardOutput.CopyToAsync(Stream.Null, cancellation));
        await using (var writer = new StreamWriter(sftp.StandardInput))
            await writer.WriteAsync(batch.AsMemory(), cancellation);
        var code = await sftp.Exited.WaitAsync(cancellation);
        await reading;
        if (code == 0)
            return true;
        var words = error.ToString();
        if (SshFaults.Classify(code, words) is { } fault)
            throw new SshTrouble(fault, SshFaults.Describe(fault, Endpoint, words));
        throw new LabException(LabFault.Ssh,
            $"{local} could not be copied to {remote} on the host (sftp ended with exit code {code}). "
            + "A host without room in its RAM is the usual reason: raise memoryMiB of the box in lab-config.",
            Console.ConsoleText.Escape(words));
    }

    /// <summary>Retries what cannot have had an effect, all attempts within one bound.</summary>
    private async Task<T> ConnectAsync<T>(Func<CancellationToken, Task<T>> attempt, CancellationToken cancellation)
    {
        var retrying = new ResiliencePipelineBuilder<T> { TimeProvider = clock }
            .AddRetry(new RetryStrategyOptions<T>
            {
                ShouldHandle = new PredicateBuilder<T>().Handle<SshTrouble>(trouble => SshFaults.IsWorthAnotherTry(trouble.Fault)),
                MaxRetryAttempts = Math.Max(1, bounds.SshAttempts - 1),
                BackoffType = DelayBackoffType.Exponential,
                Delay = TimeSpan.FromMilliseconds(100),
                MaxDelay = TimeSpan.FromSeconds(2),
            })
            .Build();
        try
        {
            return await Within.BoundAsync(bounds.SshConnect, clock,
                token => retrying.ExecuteAsync(async inner => await attempt(inner), token).AsTask(),
                () => SshFaults.Describe(SshFault.Slow, Endpoint, ""), cancellation);
        }
        catch (SshTrouble trouble)
        {
            throw trouble.Told;
        }
    }

    /// <summary>Best effort, one try: a host that no longer answers has nothing left to kill.</summary>
    private async Task KillRemoteAsync(int pid)
    {
        using var patience = new CancellationTokenSource(bounds.PowerOff, clock);
        try
        {
            var group = pid.ToString(CultureInfo.InvariantCulture);
            // "kill" is the shell's own; exec needs a program, so it comes first.
            var command = $"kill -9 -{group} 2>/dev/null || kill -9 {group}";
            await using var ssh = await BoundChild.StartAsync(ChildLife.WithHarness, "ssh", ClientArguments(command));
            ssh.StandardInput.Close();
            await ssh.Exited.WaitAsync(patience.Token);
        }
        catch (Exception gone) when (gone is OperationCanceledException or LabException)
        {
            // Then the box goes as a whole.
        }
    }

    private IReadOnlyList<string> ClientArguments(string command) =>
        SshArguments.ForCommand(Endpoint, bounds.SshConnect, bounds.ProbeSilence, command);

    private LabException TooLong(string what) => new(LabFault.Ssh,
        $"{what} on the host at port {Endpoint.Port} did not end within {bounds.SshCommand.TotalSeconds:0.#} s and was killed. "
        + "The console log shows whether the host hangs; the bound is 'SshCommand'.");

    /// <summary>sftp(1): names with blanks are quoted, special characters escaped by backslash (globbing characters too).</summary>
    private static string SftpWord(string path)
    {
        if (path.AsSpan().ContainsAny('\n', '\0'))
            throw new LabException(LabFault.Ssh, $"The path '{Console.ConsoleText.Escape(path)}' holds a line feed and cannot be copied. Rename it.");
        return string.Concat(path.Select(character => " \t\"'\\*?[]#".Contains(character, StringComparison.Ordinal) ? "\\" + character : character.ToString()));
    }
}
