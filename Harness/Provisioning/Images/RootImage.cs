using System.Reflection;
using System.Text;
using HvLab.Harness.Lab;
using HvLab.Harness.Lab.Configuration;
using HvLab.Harness.Provisioning.Cache;
using HvLab.Harness.Provisioning.Setup;

namespace HvLab.Harness.Provisioning.Images;

/// <summary>The part of the initramfs that no kernel changes: busybox, sshd with exactly its libraries, init, the lab's keys.</summary>
internal sealed class RootImage(Tools tools, ContentCache cache, DebianPackages packages)
{
    private const string FileName = "root.cpio";

    /// <summary>Change it when this file changes what it writes from the same inputs.</summary>
    private const string Layout = "2";

    private static readonly string Init = ReadResource("init.sh");

    /// <summary>Only what the box needs: sshd, its parts in newer releases, and what they load.</summary>
    private static readonly string[] Programs =
        ["usr/sbin/sshd", "usr/lib/openssh/sshd-session", "usr/lib/openssh/sshd-auth"];

    /// <summary>What the probe links against beyond libc: a NativeAOT program (measured with readelf -d).</summary>
    private static readonly string[] ProbeLibraries = ["libc.so.6", "libm.so.6", "libdl.so.2", "libpthread.so.0", "librt.so.1", "libgcc_s.so.1"];

    /// <summary>What a probe in dom0 calls, by the beginnings of the libraries' names; the ends are versions.</summary>
    private static readonly string[] XenLibraries =
    [
        "libxenctrl.so", "libxenforeignmemory.so", "libxenevtchn.so", "libxendevicemodel.so", "libxencall.so", "libxengnttab.so",
        "libxentoollog.so", "libxentoolcore.so", "libxenguest.so",
    ];

    /// <summary>Says what Xen was built with (a file system of the hypervisor's, "hypfs").</summary>
    private const string XenTool = "usr/sbin/xenhypfs";

    /// <summary>The cache entry and the archive in it.</summary>
    public async Task<(string Key, string Archive)> EnsureAsync(
        Release release, LabKeys keys, IProgress<string> progress, CancellationToken cancellation)
    {
        var wanted = (await packages.ResolveAsync(release.ImagePackages, progress, cancellation)).Where(package => release.ImagePackages.Contains(package.Name) || IsLibrary(package.Name)).ToList();
        var key = Hash.Of([Layout, Init, .. release.Hypervisor == "xen" ? (string[])["xen", .. XenLibraries, XenTool] : [], SshdConfig, await File.ReadAllTextAsync(keys.KnownHosts, cancellation),
            await File.ReadAllTextAsync(keys.ClientKey + ".pub", cancellation), .. wanted.Select(p => p.ToString())]);
        var entry = await cache.GetOrBuildAsync("root", key, async (directory, token) =>
        {
            var debs = await packages.DownloadAsync(wanted, progress, token);
            progress.Report("building the root image");
            var tree = Path.Combine(directory, "tree");
            await packages.ExtractAsync(debs, tree, token);
            var archive = await CollectAsync(release, tree, keys, token);
            await using (var file = File.Create(Path.Combine(directory, FileName)))
                await archive.WriteAsync(file, token);
            Directory.Delete(tree, recursive: true);
        }, cancellation, waiting: progress);
        return (key, Path.Combine(entry, FileName));
    }

    /// <summary>Debian names library packages after the library (and zlib1g); what else begins so is not loaded by anything here.</summary>
    private static bool IsLibrary(string package) =>
        (package.StartsWith("lib", StringComparison.Ordinal) || package.StartsWith("zlib", StringComparison.Ordinal))
        && !((string[])["perl", "python", "-common", "-runtime", "-modules", "-bin"]).Any(part => package.Contains(part, StringComparison.Ordinal));

    private async Task<CpioWriter> CollectAsync(Release release, string tree, LabKeys keys, CancellationToken cancellation)
    {
        var archive = new CpioWriter();
        archive.AddRoot();
        var busybox = Find(tree, "bin/busybox") ?? throw Missing("busybox-static", "bin/busybox");
        archive.AddFile("bin/busybox", busybox, Executable);
        var applets = await tools.RequireAsync(LabFault.Image, "The busybox package does not run on this machine.", busybox, ["--list-full"], cancellation);
        foreach (var applet in applets.Output.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Where(a => a != "bin/busybox"))
            archive.AddLink(applet, "/bin/busybox");

        if (Find(tree, Programs[0]) is null)
            throw Missing("openssh-server", Programs[0]);
        var libraries = new SharedLibraries(tools, tree);
        foreach (var program in Programs)
            if (Find(tree, program) is { } file)
            {
                archive.AddFile(program, file, Executable);
                await libraries.AddNeedsOfAsync(file, cancellation);
            }
        foreach (var library in ProbeLibraries)
            libraries.Add(library);
        if (release.Hypervisor == "xen")
            await AddXenAsync(archive, libraries, tree, cancellation);
        foreach (var (target, source) in libraries.Files)
            archive.AddFile(target, source, Executable);

        archive.AddFile("init", Encoding.UTF8.GetBytes(Init), Executable);
        foreach (var directory in (string[])["dev", "proc", "sys", "run/sshd", "tmp", "var/empty", "lib/modules"])
            archive.AddDirectory(directory);
        archive.AddDirectory("root", 0x1C0 /* 0700 */);
        // The kernel opens these for PID 1 before any devtmpfs is there.
        archive.AddCharacterDevice("dev/console", 5, 1);
        archive.AddCharacterDevice("dev/null", 1, 3, 0x1B6 /* 0666 */);
        archive.AddFile("etc/passwd", "root:x:0:0:root:/root:/bin/sh\nsshd:x:100:65534::/run/sshd:/bin/false\n"u8.ToArray());
        archive.AddFile("etc/group", "root:x:0:\ntty:x:5:\nnogroup:x:65534:\n"u8.ToArray());
        archive.AddFile("etc/shadow", "root:*:1::::::\nsshd:*:1::::::\n"u8.ToArray(), Private);
        archive.AddFile("etc/nsswitch.conf", "passwd: files\ngroup: files\nshadow: files\nhosts: files\n"u8.ToArray());
        archive.AddFile("etc/ssh/sshd_config", Encoding.UTF8.GetBytes(SshdConfig));
        archive.AddFile("etc/ssh/host", keys.HostKey, Private);
        archive.AddFile("etc/ssh/host.pub", keys.HostKey + ".pub");
        archive.AddFile("etc/ssh/authorized_keys", keys.ClientKey + ".pub");
        return archive;
    }

    private static async Task AddXenAsync(CpioWriter archive, SharedLibraries libraries, string tree, CancellationToken cancellation)
    {
        var tool = Find(tree, XenTool) ?? throw Missing("xen-utils-common", XenTool);
        archive.AddFile(XenTool, tool, Executable);
        await libraries.AddNeedsOfAsync(tool, cancellation);
        foreach (var library in XenLibraries)
        {
            var name = await libraries.AddVersionedAsync(library, cancellation) ?? throw Missing("libxenmisc4.17 or its like", library);
            // A probe that is built once calls whichever version dom0 has.
            archive.AddLink($"{SharedLibraries.Target}/{library}", name);
        }
    }

    /// <summary>
    /// curve25519 alone: the default post-quantum exchange costs an emulated CPU a multiple. sftp inside sshd: no second
    /// program to load.
    /// </summary>
    private const string SshdConfig = """
        Port 22
        AddressFamily inet
        HostKey /etc/ssh/host
        AuthorizedKeysFile /etc/ssh/authorized_keys
        PermitRootLogin prohibit-password
        PasswordAuthentication no
        KbdInteractiveAuthentication no
        UsePAM no
        UseDNS no
        PrintMotd no
        PrintLastLog no
        PidFile none
        LogLevel ERROR
        DisableForwarding yes
        MaxSessions 64
        MaxStartups 64
        KexAlgorithms curve25519-sha256,curve25519-sha256@libssh.org
        Subsystem sftp internal-sftp

        """;

    private const int Executable = 0x1ED; // 0755
    private const int Private = 0x180; // 0600

    /// <summary>The same path with and without the merged /usr.</summary>
    internal static string? Find(string tree, string path) =>
        new[] { Path.Combine(tree, path), Path.Combine(tree, "usr", path) }.FirstOrDefault(File.Exists);

    private static LabException Missing(string package, string path) => new(LabFault.Configuration,
        $"The release's image packages hold no {path}. Name {package} in the release's imagePackages in lab-config.");

    private static string ReadResource(string name)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(name)!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
