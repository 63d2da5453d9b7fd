using System.Globalization;
using HvLab.Harness.Lab;

namespace HvLab.Harness.Drivers.Qemu;

/// <summary>QEMU's command line for a box. Pure: the same machine gives the same arguments.</summary>
public static class QemuArguments
{
    public static IReadOnlyList<string> Build(QemuMachine machine)
    {
        ArgumentNullException.ThrowIfNull(machine);
        return
        [
            .. Hardware(machine),
            .. Boot(machine),
            "-netdev", string.Create(CultureInfo.InvariantCulture,
                $"user,id=net0,restrict=on,hostfwd=tcp:127.0.0.1:{machine.SshPort}-10.0.2.15:22"),
            "-chardev", $"socket,id=serial0,path={Escape(machine.SerialSocket)},server=on,wait=off,logfile={Escape(machine.ConsoleLog)},logappend=on",
            "-chardev", $"socket,id=qmp0,path={Escape(machine.QmpSocket)},server=on,wait=off",
            .. machine.Incoming ? (string[])["-incoming", "defer"] : [],
        ];
    }

    /// <summary>
    /// QEMU takes a multiboot kernel's modules as a list in -initrd: "FILE ARGUMENTS,FILE ARGUMENTS" (hw/i386/multiboot.c), so
    /// that a file's path ends at its first space.
    /// </summary>
    private static IReadOnlyList<string> Boot(QemuMachine machine)
    {
        if (machine.Hypervisor is not { } hypervisor)
            return ["-kernel", machine.Kernel, "-initrd", machine.Initramfs, "-append", machine.CommandLine];
        foreach (var path in new[] { machine.Kernel, machine.Initramfs })
            if (path.Contains(' ', StringComparison.Ordinal))
                throw new LabException(LabFault.Configuration,
                    $"QEMU cannot boot Xen with the file '{path}': it takes what follows a space for arguments. Set HVLAB_CACHE and TMPDIR to directories without spaces.");
        return
        [
            "-kernel", hypervisor,
            "-initrd", $"{Escape($"{machine.Kernel} {machine.CommandLine}")},{Escape(machine.Initramfs)}",
            "-append", machine.HypervisorCommandLine,
        ];
    }

    /// <summary>The part that decides whether a snapshot fits: everything but ports, paths and the kernel's files (their content is in the image's key).</summary>
    public static IReadOnlyList<string> Hardware(QemuMachine machine)
    {
        ArgumentNullException.ThrowIfNull(machine);
        return
        [
            "-nodefaults", "-no-user-config", "-display", "none", "-vga", "none",
            "-machine", "pc,usb=off,vmport=off,smm=off,graphics=off",
            "-accel", machine.Kvm ? "kvm" : "tcg,thread=multi",
            "-cpu", machine.Kvm ? "host" : machine.CpuModel,
            "-smp", machine.Cpus.ToString(CultureInfo.InvariantCulture),
            "-m", machine.MemoryMiB.ToString(CultureInfo.InvariantCulture),
            // A guest that reboots by itself has crashed: the process ends, and the console log says why.
            "-no-reboot",
            "-device", "virtio-net-pci,netdev=net0,romfile=",
            "-object", "rng-random,id=rng0,filename=/dev/urandom",
            "-device", "virtio-rng-pci,rng=rng0",
            // A new generation id at each restore: the guest's kernel reseeds its RNG by itself (drivers/virt/vmgenid.c).
            "-device", "vmgenid,guid=auto",
            "-serial", "chardev:serial0",
            "-mon", "chardev=qmp0,mode=control",
        ];
    }

    /// <summary>QEMU splits option values at commas; a doubled comma is a comma.</summary>
    internal static string Escape(string value) => value.Replace(",", ",,", StringComparison.Ordinal);
}
