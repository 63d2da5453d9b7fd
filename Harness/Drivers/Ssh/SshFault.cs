using HvLab.Harness.Drivers.Console;
using HvLab.Harness.Lab;

namespace HvLab.Harness.Drivers.Ssh;

/// <summary>Why the ssh program gave up (it ends with exit code 255 for all of them).</summary>
public enum SshFault
{
    /// <summary>Nobody listens at the port.</summary>
    Refused,
    /// <summary>No answer within the bound.</summary>
    Slow,
    /// <summary>The host showed another key than the pinned one.</summary>
    HostKey,
    /// <summary>The host does not take the lab's key.</summary>
    Denied,
    /// <summary>The connection ended before a command could start.</summary>
    ClosedEarly,
    /// <summary>The connection ended under a command.</summary>
    Dropped,
    Other,
}

/// <summary>From the ssh program's words to one paragraph.</summary>
public static class SshFaults
{
    public const int ExitCode = 255;

    /// <summary>The first text found decides. They are the format strings of OpenSSH's own sources.</summary>
    private static readonly (string Text, SshFault Fault)[] Table =
    [
        ("REMOTE HOST IDENTIFICATION HAS CHANGED", SshFault.HostKey),
        ("Host key verification failed", SshFault.HostKey),
        ("No ED25519 host key is known", SshFault.HostKey),
        ("no matching host key type found", SshFault.HostKey),
        ("Permission denied", SshFault.Denied),
        ("Too many authentication failures", SshFault.Denied),
        ("Connection refused", SshFault.Refused),
        ("Connection timed out during banner exchange", SshFault.Slow),
        ("Connection timed out", SshFault.Slow),
        ("Operation timed out", SshFault.Slow),
        ("kex_exchange_identification", SshFault.ClosedEarly),
        ("banner exchange", SshFault.ClosedEarly),
        ("Timeout, server", SshFault.Dropped),
        ("closed by remote host", SshFault.Dropped),
        ("Connection closed", SshFault.Dropped),
        ("Connection reset", SshFault.Dropped),
        ("Broken pipe", SshFault.Dropped),
        ("Connection to ", SshFault.Dropped),
    ];

    /// <summary>Null where the words are not the client's: the remote command itself may end with 255.</summary>
    public static SshFault? Classify(int exitCode, string words)
    {
        ArgumentNullException.ThrowIfNull(words);
        if (exitCode != ExitCode)
            return null;
        foreach (var (text, fault) in Table)
            if (words.Contains(text, StringComparison.Ordinal))
                return fault;
        return null;
    }

    /// <summary>True where no command can have started, so that trying again is safe and may help.</summary>
    public static bool IsWorthAnotherTry(SshFault fault) => fault is SshFault.Refused or SshFault.ClosedEarly;

    public static LabException Describe(SshFault fault, SshEndpoint endpoint, string words)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        var where = $"{endpoint.User}@{endpoint.Address} port {endpoint.Port}";
        return new(LabFault.Ssh, fault switch
        {
            SshFault.Refused => $"SSH to {where} was refused: nothing listens there. The console log shows whether the box still runs and its sshd started.",
            SshFault.Slow => $"SSH to {where} did not answer in time. The box may hang or this machine may be overloaded: see the console log, or raise the bound 'SshConnect'.",
            SshFault.HostKey => $"The host at {where} showed another host key than the one pinned in {endpoint.KnownHosts}; nothing was sent to it. "
                + "Either another program took the port, or the image was rebuilt under a running box: './hvlab box down', then run again.",
            SshFault.Denied => $"The host at {where} does not accept the lab's key {endpoint.PrivateKey}. The image was built with another key: './hvlab box down', then run again.",
            SshFault.ClosedEarly => $"The host at {where} closed the SSH connection before a command could start. The console log shows what became of its sshd.",
            SshFault.Dropped => $"The SSH connection to {where} broke while a command ran. The host may have crashed or been powered off: see the console log.",
            _ => $"SSH to {where} failed. The client's words are below.",
        }, ConsoleText.Escape(words));
    }
}
