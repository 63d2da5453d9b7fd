using System.Globalization;

namespace HvLab.Harness.Drivers.Ssh;

/// <summary>
/// Options of the OpenSSH client, all said here and none read from the user's files: a lab's box is reached the same way on
/// every machine. Algorithms are the fastest inside a TCG box that are still sound (measured, restore to first command done:
/// curve25519 0.63 s, the client's default sntrup761x25519 0.80 s; the ciphers do not differ).
/// </summary>
public static class SshArguments
{
    /// <summary>For the ssh program: options, destination and one command line for the remote shell (null for a login).</summary>
    public static IReadOnlyList<string> ForCommand(SshEndpoint endpoint, TimeSpan connect, TimeSpan silence, string? remoteCommand)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        return
        [
            .. Options(endpoint, connect, silence),
            "-o", "BatchMode=yes",
            "-T",
            "-p", Number(endpoint.Port), "-l", endpoint.User, "--", endpoint.Address,
            .. remoteCommand is null ? (string[])[] : [remoteCommand],
        ];
    }

    /// <summary>For a person at a terminal: <paramref name="command"/> is handed to the remote shell as the user typed it.</summary>
    public static IReadOnlyList<string> ForTerminal(SshEndpoint endpoint, TimeSpan connect, TimeSpan silence, IReadOnlyList<string> command)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        ArgumentNullException.ThrowIfNull(command);
        return
        [
            .. Options(endpoint, connect, silence),
            "-p", Number(endpoint.Port), "-l", endpoint.User, "--", endpoint.Address, .. command,
        ];
    }

    /// <summary>For the sftp program, with its batch on standard input.</summary>
    public static IReadOnlyList<string> ForTransfer(SshEndpoint endpoint, TimeSpan connect, TimeSpan silence)
    {
        ArgumentNullException.ThrowIfNull(endpoint);
        return
        [
            .. Options(endpoint, connect, silence),
            "-b", "-", "-P", Number(endpoint.Port), "--", $"{endpoint.User}@{endpoint.Address}",
        ];
    }

    private static IReadOnlyList<string> Options(SshEndpoint endpoint, TimeSpan connect, TimeSpan silence) =>
    [
        "-F", "/dev/null",
        "-o", "IdentityFile=" + Quote(endpoint.PrivateKey),
        "-o", "IdentitiesOnly=yes",
        "-o", "IdentityAgent=none",
        "-o", "ForwardAgent=no",
        "-o", "ForwardX11=no",
        "-o", "ClearAllForwardings=yes",
        "-o", "PermitLocalCommand=no",
        "-o", "ControlMaster=no",
        "-o", "ControlPath=none",
        "-o", "StrictHostKeyChecking=yes",
        "-o", "UserKnownHostsFile=" + Quote(endpoint.KnownHosts),
        "-o", "GlobalKnownHostsFile=/dev/null",
        "-o", "HostKeyAlias=" + SshEndpoint.HostKeyAlias,
        "-o", "UpdateHostKeys=no",
        "-o", "CheckHostIP=no",
        "-o", "VerifyHostKeyDNS=no",
        "-o", "PreferredAuthentications=publickey",
        "-o", "GSSAPIAuthentication=no",
        "-o", "KexAlgorithms=curve25519-sha256",
        "-o", "HostKeyAlgorithms=ssh-ed25519",
        "-o", "Ciphers=aes128-gcm@openssh.com,chacha20-poly1305@openssh.com",
        "-o", "Compression=no",
        "-o", "AddressFamily=inet",
        "-o", "IPQoS=none",
        "-o", "TCPKeepAlive=no",
        "-o", "ConnectTimeout=" + Seconds(connect),
        // One a second: the box must answer within the bound, and an emulated CPU that may have lost an interrupt gets one.
        "-o", "ServerAliveInterval=1",
        "-o", "ServerAliveCountMax=" + Seconds(silence),
        "-o", "LogLevel=ERROR",
    ];

    /// <summary>ssh_config(5): "Arguments may optionally be enclosed in double quotes in order to represent arguments containing spaces"; '%' begins a token.</summary>
    private static string Quote(string path) =>
        "\"" + path.Replace("%", "%%", StringComparison.Ordinal).Replace("\\", "\\\\", StringComparison.Ordinal)
            .Replace("\"", "\\\"", StringComparison.Ordinal) + "\"";

    private static string Seconds(TimeSpan time) => Number(Math.Max(1, (int)Math.Ceiling(time.TotalSeconds)));

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}
