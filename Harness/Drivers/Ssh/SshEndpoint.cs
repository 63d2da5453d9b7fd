namespace HvLab.Harness.Drivers.Ssh;

/// <summary>Where a host answers and what proves that it is the right one.</summary>
/// <param name="PrivateKey">Path of the only key that is offered.</param>
/// <param name="KnownHosts">Path of a file that pins the host key for <see cref="HostKeyAlias"/>.</param>
public sealed record SshEndpoint(string Address, int Port, string PrivateKey, string KnownHosts)
{
    /// <summary>The name that every box's host key is pinned to: ports change from run to run.</summary>
    public const string HostKeyAlias = "hvlab-box";

    public string User { get; init; } = "root";
}
