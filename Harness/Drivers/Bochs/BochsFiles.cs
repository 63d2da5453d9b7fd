using System.Globalization;

namespace HvLab.Harness.Drivers.Bochs;

/// <summary>The names and texts of the files that Bochs reads. Pure: the same machine gives the same texts.</summary>
public static class BochsFiles
{
    public const string Configuration = "bochsrc", Debugger = "debugger.rc", Network = "slirp.conf", Disc = "boot.iso",
        Serial = "serial", Log = "bochs.log";

    /// <summary>Debian's Bochs is built with its debugger, which waits for a first command.</summary>
    public const string Continue = "c\n";

    public static string ConfigurationOf(BochsMachine machine)
    {
        ArgumentNullException.ThrowIfNull(machine);
        return string.Create(CultureInfo.InvariantCulture, $"""
            config_interface: textconfig
            # With SDL's driver "dummy" there is no display at all. (Display "rfb" would listen on every address of this machine.)
            display_library: sdl2
            plugin_ctrl: speaker=0, gameport=0, sb16=0, es1370=0, voodoo=0
            memory: guest={machine.MemoryMiB}, host={machine.MemoryMiB}
            cpu: model={machine.CpuModel}, count={machine.Cpus}, ips={machine.Mips}000000, reset_on_triple_fault=0
            # Never faster than the world outside: a guest that idles would skip through its network's time-outs.
            clock: sync=slowdown, time0=utc
            boot: cdrom
            ata0-master: type=cdrom, path="{machine.PathOf(Disc)}", status=inserted
            com1: enabled=1, mode=file, dev="{machine.PathOf(Serial)}"
            pci: enabled=1, chipset=i440fx, slot1=e1000
            e1000: enabled=1, mac=52:54:00:12:34:56, ethmod=slirp, script="{machine.PathOf(Network)}"
            panic: action=fatal
            # Every MSR that Xen tries and does not find would be one.
            error: action=report, cpu0=ignore
            info: action=ignore
            log: "{machine.PathOf(Log)}"

            """);
    }

    /// <summary>What the log says where the loopback port is taken (iodev/network/eth_slirp.cc); Bochs goes on without it.</summary>
    public const string PortTaken = "could not set up host forwarding rule";

    /// <summary>The first line tells Bochs what the file is.</summary>
    public static string NetworkOf(BochsMachine machine)
    {
        ArgumentNullException.ThrowIfNull(machine);
        return string.Create(CultureInfo.InvariantCulture, $"""
            # slirp config
            restricted = 1
            hostfwd = tcp:127.0.0.1:{machine.SshPort}-10.0.2.15:22

            """);
    }
}
