using HvLab.Harness.Drivers.Processes;
using HvLab.Harness.Drivers.Ssh;

namespace HvLab.Harness.Provisioning.Boxes;

/// <summary>A kept box, as box.json under the cache says.</summary>
public sealed record BoxRecord
{
    public required string Name { get; init; }
    public required string Release { get; init; }
    /// <summary>Key of the artifacts that booted.</summary>
    public required string Key { get; init; }
    public required ProcessIdentity Process { get; init; }
    public required int SshPort { get; init; }
    public required string SshPrivateKey { get; init; }
    public required string KnownHosts { get; init; }
    /// <summary>Directory of its sockets and files.</summary>
    public required string Sockets { get; init; }
    /// <summary>Null where the emulator's serial line takes no keys.</summary>
    public required string? SerialSocket { get; init; }
    public required string ConsoleLog { get; init; }
    public required string Platform { get; init; }
    public required DateTimeOffset Since { get; init; }

    public SshEndpoint Endpoint => new("127.0.0.1", SshPort, SshPrivateKey, KnownHosts);
}
