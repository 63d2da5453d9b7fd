namespace HvLab.Harness.Provisioning.Images;

/// <summary>Everything that a box needs to boot a release and to be talked to. Paths are absolute, files are read-only cache entries.</summary>
public sealed record BootArtifacts
{
    /// <summary>SHA-256 (hex) over everything that boots: kernel, initramfs, command line.</summary>
    public required string Key { get; init; }

    /// <summary>An ELF vmlinux, which QEMU's -kernel boots by PVH without decompressing it in the guest.</summary>
    public required string Kernel { get; init; }

    /// <summary>Uncompressed newc cpio archives, concatenated: the whole root, in RAM.</summary>
    public required string Initramfs { get; init; }

    public required string CommandLine { get; init; }

    /// <summary>A multiboot ELF that boots first and takes kernel and initramfs as its modules: Xen. Null where the kernel is the hypervisor.</summary>
    public string? Hypervisor { get; init; }

    public string HypervisorCommandLine { get; init; } = "";

    /// <summary>The lab's own ed25519 key; root's in the box.</summary>
    public required string SshPrivateKey { get; init; }

    /// <summary>A known_hosts file that pins the box's host key under the alias <see cref="HostAlias"/>.</summary>
    public required string KnownHosts { get; init; }

    /// <summary>Name → SHA-256 (hex): "kernel", "initramfs", "root", "modules", and "xen" where there is one.</summary>
    public required IReadOnlyDictionary<string, string> Artifacts { get; init; }

    /// <summary>ssh's HostKeyAlias.</summary>
    public const string HostAlias = "hvlab-box";
}
