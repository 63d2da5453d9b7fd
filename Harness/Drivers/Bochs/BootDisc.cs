using HvLab.Harness.Drivers.Processes;
using HvLab.Harness.Lab;

namespace HvLab.Harness.Drivers.Bochs;

/// <summary>A CD that boots a multiboot hypervisor with a kernel and an initramfs as its modules, by GRUB.</summary>
public static class BootDisc
{
    /// <summary>For a PC with a BIOS; a machine's other GRUBs would want more tools.</summary>
    private const string GrubModules = "/usr/lib/grub/i386-pc";

    /// <param name="scratch">An existing directory; the files are put together below it.</param>
    /// <exception cref="LabException"><see cref="LabFault.MissingTool"/> or <see cref="LabFault.Image"/> with grub-mkrescue's own words.</exception>
    public static async Task WriteAsync(BochsMachine machine, string hypervisor, string scratch, string target, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(machine);
        var tree = Path.Combine(scratch, "disc");
        var boot = Directory.CreateDirectory(Path.Combine(tree, "boot"));
        var grub = boot.CreateSubdirectory("grub");
        try
        {
            await File.WriteAllTextAsync(Path.Combine(grub.FullName, "grub.cfg"), Menu(machine.HypervisorCommandLine, machine.CommandLine), cancellation);
            File.Copy(hypervisor, Path.Combine(boot.FullName, "xen"));
            await LoadableElf.WriteAsync(machine.Kernel, Path.Combine(boot.FullName, "vmlinux"), cancellation);
            File.Copy(machine.Initramfs, Path.Combine(boot.FullName, "initramfs"));
            await Command.RequireAsync(LabFault.Image, "Is the disk full, or GRUB incomplete? './hvlab doctor' says what is missing.",
                Executables.Require("grub-mkrescue"),
                ["-d", GrubModules, "-o", target, tree, "--install-modules=multiboot iso9660 biosdisk normal", "--fonts=", "--locales=", "--themes="],
                cancellation);
        }
        finally
        {
            Directory.Delete(tree, recursive: true);
        }
    }

    /// <summary>GRUB leaves the first word of a multiboot command line to the file's name.</summary>
    /// <remarks>
    /// "reboot=t": a Xen that restarts the machine, as it does after a panic, does so by a triple fault, and that ends Bochs. Any
    /// other way would boot the CD again; and a Xen that only stood still would be found out when the connection is given up.
    /// </remarks>
    public static string Menu(string hypervisorCommandLine, string commandLine) => $"""
        set timeout=0
        multiboot /boot/xen xen {Word(hypervisorCommandLine)} reboot=t
        module /boot/vmlinux vmlinux {Word(commandLine)}
        module /boot/initramfs initramfs
        boot

        """;

    /// <summary>What GRUB's shell would take for its own is escaped; words stay words.</summary>
    private static string Word(string text) =>
        string.Concat(text.Select(character => "\\\"'${}|&;<>()#*?[]~".Contains(character, StringComparison.Ordinal) ? $"\\{character}" : character.ToString()));
}
