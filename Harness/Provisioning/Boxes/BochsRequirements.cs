using HvLab.Harness.Provisioning.Setup;

namespace HvLab.Harness.Provisioning.Boxes;

/// <summary>What a Bochs box needs on this machine, beyond what every run needs.</summary>
public static class BochsRequirements
{
    public static IReadOnlyList<Requirement> All { get; } =
    [
        new("Bochs", "bochs-bin", "bochs", "be a box with EPT: it emulates an Intel CPU with VMX"),
        new("Bochs without a display", "/usr/lib/x86_64-linux-gnu/bochs/plugins/libbx_sdl2_gui.so", "bochs-sdl", "run Bochs where there is no screen"),
        new("Bochs's BIOS", "/usr/share/bochs/BIOS-bochs-latest", "bochsbios", "start a Bochs box"),
        new("Bochs's VGA BIOS", "/usr/share/vgabios/vgabios.bin", "vgabios", "start a Bochs box"),
        new("grub-mkrescue", "grub-mkrescue", "grub-common", "make the CD that a Bochs box boots from"),
        new("GRUB for a BIOS", "/usr/lib/grub/i386-pc/multiboot.mod", "grub-pc-bin", "make the CD that a Bochs box boots from"),
        new("xorriso", "xorriso", "xorriso", "make the CD that a Bochs box boots from"),
        new("mkfifo", "mkfifo", "coreutils", "record a Bochs box's console"),
        new("dd", "dd", "coreutils", "record a Bochs box's console"),
    ];
}
