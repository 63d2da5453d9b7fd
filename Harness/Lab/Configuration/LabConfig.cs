namespace HvLab.Harness.Lab.Configuration;

/// <summary>Everything lab-config says, bound and validated. Names are the keys of the JSON objects.</summary>
public sealed record LabConfig
{
    /// <summary>Absolute path of the lab-config directory that was read.</summary>
    public required string Directory { get; init; }
    public required LabDefaults Defaults { get; init; }
    public required IReadOnlyDictionary<string, BoxResource> Boxes { get; init; }
    public required IReadOnlyDictionary<string, Release> Releases { get; init; }
    public required IReadOnlyDictionary<string, Suite> Suites { get; init; }
    public required IReadOnlyList<KnownDeviation> KnownDeviations { get; init; }
    public required Bounds Bounds { get; init; }
}

/// <summary>What a command uses when it is not told otherwise.</summary>
public sealed record LabDefaults
{
    public required string Box { get; init; }
    public required string Release { get; init; }
    public required IReadOnlyList<string> Suites { get; init; }
}

/// <summary>How a QEMU box executes its guest: <see cref="Auto"/> takes hardware where nesting truly works.</summary>
public enum Acceleration { Auto, Tcg, Kvm }

/// <summary>A machine of the lab. Only data: drivers give it power, console and boot medium.</summary>
public sealed record BoxResource
{
    public required string Name { get; init; }
    /// <summary>Which driver family runs it: "qemu", or "bochs", which boots Xen alone and has one CPU.</summary>
    public required string Type { get; init; }
    public Acceleration Accel { get; init; } = Acceleration.Auto;
    public int Cpus { get; init; } = 2;
    public int MemoryMiB { get; init; } = 1024;
    /// <summary>
    /// QEMU's -cpu argument under TCG, or one of Bochs's CPU models. ERMS and FSRM make a kernel copy by REP MOVSB, which TCG
    /// carries out byte by byte: without them a bare boot takes an eighth less.
    /// </summary>
    public string CpuModel { get; init; } = "max,-erms,-fsrm";
    public string Emulator { get; init; } = "qemu-system-x86_64";
    /// <summary>Restore from a snapshot when one is valid; false always boots cold. Bochs boxes always do.</summary>
    public bool Snapshots { get; init; } = true;
    /// <summary>Bochs only: how many million instructions are one second of the guest's time, whatever they take outside.</summary>
    public int Mips { get; init; } = 300;
    /// <summary>The lab's bounds, with the box's own in their place: an emulator that is ten times slower needs more patience.</summary>
    public Bounds Bounds { get; init; } = new();
}

/// <summary>What boots on a box: hypervisor, kernel, root image, configuration.</summary>
public sealed record Release
{
    public required string Name { get; init; }
    /// <summary>Which hypervisor answers: "kvm" or "xen".</summary>
    public required string Hypervisor { get; init; }
    public string Description { get; init; } = "";
    /// <summary>Codename of the Debian release that every package comes from, "trixie"; empty for the machine's own.</summary>
    public string Debian { get; init; } = "";
    /// <summary>Debian package (or metapackage) of the kernel and its modules.</summary>
    public required string KernelPackage { get; init; }
    /// <summary>Debian packages that the root image takes its files from; their dependencies follow.</summary>
    public required IReadOnlyList<string> ImagePackages { get; init; }
    /// <summary>Modules loaded at boot, in order; a module that the kernel has built in is skipped.</summary>
    public required IReadOnlyList<string> Modules { get; init; }
    public string KernelCommandLine { get; init; } = "";
    /// <summary>Debian package of the hypervisor, "xen-hypervisor-4.17-amd64"; required of a release of Xen, empty for others.</summary>
    public string XenPackage { get; init; } = "";
    public string XenCommandLine { get; init; } = "";
    /// <summary>What is booted of the package, in a word: "stock", "paging", "sharing-amd". The rebuilt ones say it in their own banner.</summary>
    public string XenFlavour { get; init; } = "";
    /// <summary>Lines of Kconfig, "CONFIG_MEM_PAGING=y"; where there are any, Xen is rebuilt from the package's source.</summary>
    public IReadOnlyList<string> XenOptions { get; init; } = [];
    /// <summary>Names of edits to the source, in xen-patches.json. A release with any is lab-patched.</summary>
    public IReadOnlyList<string> XenPatches { get; init; } = [];
    /// <summary>A developer's own xen or xen.gz, instead of the package's. Absolute path.</summary>
    public string? Xen { get; init; }
    /// <summary>A developer's own bzImage or vmlinux, instead of the package's. Absolute path.</summary>
    public string? Kernel { get; init; }
    /// <summary>A developer's own module tree (any directory with .ko files below it). Absolute path.</summary>
    public string? ModulesDirectory { get; init; }
    /// <summary>True where the hypervisor under test was changed by the lab: every report says so.</summary>
    public bool LabPatched { get; init; }
}

/// <summary>A named selection of scenarios.</summary>
public sealed record Suite
{
    public required string Name { get; init; }
    public string Description { get; init; } = "";
    /// <summary>Scenario-id patterns; '*' matches any run of characters.</summary>
    public required IReadOnlyList<string> Scenarios { get; init; }
    /// <summary>The release that it runs on when nobody names one; empty for the lab's default.</summary>
    public string Release { get; init; } = "";
    /// <summary>The box that it runs on when nobody names one; empty for the lab's default.</summary>
    public string Box { get; init; } = "";
}

/// <summary>A divergence that is expected on these releases: shown and counted, and reported when it stops happening.</summary>
public sealed record KnownDeviation
{
    /// <summary>Scenario-id pattern; '*' matches any run of characters.</summary>
    public required string Scenario { get; init; }
    public required IReadOnlyList<string> Releases { get; init; }
    /// <summary>Pattern of "OPERATION saw ANSWER", the step where the two part; any other divergence is a new one. "*" takes any.</summary>
    public string Divergence { get; init; } = "*";
    public required string Reason { get; init; }
    public required string Reference { get; init; }
}

/// <summary>Every wait of the harness, in one place. A bound is a promise to give up, never a duration to sleep.</summary>
public sealed record Bounds
{
    /// <summary>Power-on until the ready marker on the console.</summary>
    public TimeSpan Boot { get; init; } = TimeSpan.FromSeconds(120);
    /// <summary>Snapshot restore until the guest runs again.</summary>
    public TimeSpan Restore { get; init; } = TimeSpan.FromSeconds(30);
    /// <summary>Ready marker until SSH answers, all attempts together.</summary>
    public TimeSpan SshConnect { get; init; } = TimeSpan.FromSeconds(60);
    /// <summary>One SSH command that is not the probe.</summary>
    public TimeSpan SshCommand { get; init; } = TimeSpan.FromSeconds(60);
    public int SshAttempts { get; init; } = 8;
    /// <summary>One frame of the probe's trace: longer silence is a hang of the probe or its host.</summary>
    public TimeSpan ProbeSilence { get; init; } = TimeSpan.FromSeconds(30);
    /// <summary>One scenario on the host, from its first operation to its last.</summary>
    public TimeSpan Scenario { get; init; } = TimeSpan.FromSeconds(20);
    /// <summary>A graceful power-off before the box is killed.</summary>
    public TimeSpan PowerOff { get; init; } = TimeSpan.FromSeconds(10);
    /// <summary>Packages, downloads and builds: each command.</summary>
    public TimeSpan Setup { get; init; } = TimeSpan.FromMinutes(15);
    /// <summary>How often a box is power-cycled after trouble in one run before the run gives up on it.</summary>
    public int PowerCycles { get; init; } = 10;
}
