namespace HvLab.Harness.Provisioning.Images;

/// <summary>Everything a box needs to boot one release: files of the content-addressed image cache, never changed once made.</summary>
public sealed record BootArtifacts
{
    /// <summary>Hex SHA-256 over everything that boots: kernel, image, command line, keys.</summary>
    public required string Key { get; init; }
    /// <summary>Path of a vmlinux ELF for QEMU's -kernel by PVH.</summary>
    public required string Kernel { get; init; }
    /// <summary>Path of an uncompressed newc cpio: the whole root file system, in RAM.</summary>
    public required string Initramfs { get; init; }
    public required string CommandLine { get; init; }
    /// <summary>Path of the private key that root's authorized_keys names.</summary>
    public required string SshPrivateKey { get; init; }
    /// <summary>Path of a known_hosts file that pins the host key, for the host alias "hvlab-box".</summary>
    public required string KnownHosts { get; init; }
    /// <summary>SHA-256 (hex) by artifact name, for the host facts.</summary>
    public required IReadOnlyDictionary<string, string> Artifacts { get; init; }
}
