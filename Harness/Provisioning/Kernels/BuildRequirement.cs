namespace HvLab.Harness.Provisioning.Kernels;

/// <summary>A program or file that rebuilding KVM needs on this machine.</summary>
/// <param name="Program">A program on PATH, or an absolute path of a file.</param>
/// <param name="Package">The Debian package that brings it.</param>
/// <param name="Why">Ends the sentence "it is needed to …".</param>
public sealed record BuildRequirement(string Program, string Package, string Why);

/// <summary>
/// The minimum, found by building with nothing else on PATH: bc, flex, bison, perl, pahole and the C library's headers are
/// not needed, because linux-kbuild brings fixdep, genksyms, modpost and objtool ready-made.
/// </summary>
public static class BuildRequirements
{
    /// <param name="compiler">The compiler that the kernel's headers name, for instance "gcc-12"; also its package's name.</param>
    public static IReadOnlyList<BuildRequirement> For(string compiler) =>
    [
        new("make", "make", "rebuild KVM's modules"),
        new(compiler, compiler, "compile KVM as the release's kernel was compiled"),
        new("ld", "binutils", "link KVM's modules"),
        new("/usr/lib/x86_64-linux-gnu/libelf.so.1", "libelf1", "run the objtool that linux-kbuild brings"),
        new("xz", "xz-utils", "unpack the kernel's source"),
        new("apt-get", "apt", "download the kernel's source and headers"),
        new("dpkg-deb", "dpkg", "unpack packages without root"),
    ];
}
