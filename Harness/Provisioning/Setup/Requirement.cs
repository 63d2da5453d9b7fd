namespace HvLab.Harness.Provisioning.Setup;

/// <summary>Something that the product needs on the machine it runs on.</summary>
/// <param name="Name">What a user would call it.</param>
/// <param name="Program">A program on PATH, or an absolute path of a file (a header, a static library).</param>
/// <param name="Package">The Debian package that brings it.</param>
/// <param name="Why">Ends the sentence "it is needed to …".</param>
public sealed record Requirement(string Name, string Program, string Package, string Why)
{
    /// <summary>The oldest version that does; null where any does. Read from "PROGRAM --version".</summary>
    public Version? AtLeast { get; init; }
}

/// <summary>How a requirement stands on this machine.</summary>
/// <param name="Found">The path of what answers it; null where nothing does.</param>
/// <param name="Version">What it said about itself; null where not asked or not understood.</param>
public sealed record RequirementState(Requirement Requirement, string? Found, Version? Version)
{
    public bool IsMet => Found is not null && (Requirement.AtLeast is not { } least || Version >= least);

    /// <summary>One line for a table: "10.0.2 at /usr/bin/qemu-system-x86_64", "missing", "7.2.0, needs 9.0".</summary>
    public string Describe() => (Found, IsMet) switch
    {
        (null, _) => "missing",
        (_, true) => Version is { } version ? $"{version} at {Found}" : Found,
        _ => $"{Version?.ToString() ?? "unknown version"} at {Found}, needs {Requirement.AtLeast}",
    };
}

/// <summary>The table of everything: data.</summary>
public static class Requirements
{
    public const string Qemu = "qemu-system-x86_64";

    public static IReadOnlyList<Requirement> All { get; } =
    [
        new("QEMU", Qemu, "qemu-system-x86", "be the box: it emulates a machine with AMD SVM and nested paging")
        {
            // mapped-ram snapshots came with 9.0; bookworm itself has 7.2.
            AtLeast = new(9, 0),
        },
        new("OpenSSH client", "ssh", "openssh-client", "talk to the host in the box"),
        new("ssh-keygen", "ssh-keygen", "openssh-client", "make the lab's own keys"),
        new("sftp", "sftp", "openssh-client", "bring the probe to the host"),
        new("setpriv", "setpriv", "util-linux", "end a box together with the process that started it"),
        new("apt-get", "apt-get", "apt", "download what the boxes boot"),
        new("dpkg-deb", "dpkg-deb", "dpkg", "unpack packages without root"),
        new("xz", "xz", "xz-utils", "unpack kernels (Debian 12)"),
        new("zstd", "zstd", "zstd", "unpack kernels (Debian 13, most own builds)"),
        new("lz4", "lz4", "lz4", "unpack kernels (own builds)"),
        new("gcc", "gcc", "gcc", "link the probe (NativeAOT)"),
        new("ld", "ld", "binutils", "link the probe (NativeAOT)"),
        new("C library headers", "/usr/lib/x86_64-linux-gnu/crt1.o", "libc6-dev", "link the probe (NativeAOT)"),
        new("zlib headers", "/usr/include/zlib.h", "zlib1g-dev", "link the probe (NativeAOT)"),
    ];
}
