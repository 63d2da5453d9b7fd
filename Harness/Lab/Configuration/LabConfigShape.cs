namespace HvLab.Harness.Lab.Configuration;

/// <summary>
/// Which keys each record has, and what they may hold. The JSON schemas say the same to editors, and a test holds the two together.
/// Defaults live in the records: each reader starts from a record with only its required values.
/// </summary>
internal static class LabConfigShape
{
    public static LabDefaults Defaults(ConfigNode node) => new()
    {
        Box = node.Text("box"),
        Release = node.Text("release"),
        Suites = node.Texts("suites", atLeast: 1),
    };

    /// <param name="bounds">The lab's, which a box may replace one by one.</param>
    public static BoxResource Box(ConfigNode node, Bounds bounds)
    {
        var box = new BoxResource { Name = node.Name, Type = node.OneOf("type", ["qemu", "bochs"]) };
        return box with
        {
            Accel = node.Choice("accel", box.Accel),
            // Bochs could emulate more of them, one after the other; Debian's is built for one.
            Cpus = node.Number("cpus", box.Cpus, 1, box.Type == "bochs" ? 1 : 64),
            MemoryMiB = node.Number("memoryMiB", box.MemoryMiB, 256, 1024 * 1024),
            CpuModel = node.Text("cpuModel", box.CpuModel),
            Emulator = node.Text("emulator", box.Emulator),
            Snapshots = node.Flag("snapshots", box.Snapshots),
            Mips = node.Number("mips", box.Mips, 10, 10_000),
            Bounds = node.Object("bounds", own => Bounds(own, bounds)),
        };
    }

    public static Release Release(ConfigNode node)
    {
        var release = new Release
        {
            Name = node.Name,
            Hypervisor = node.OneOf("hypervisor", ["kvm", "xen"]),
            KernelPackage = node.Text("kernelPackage"),
            ImagePackages = node.Texts("imagePackages", atLeast: 1),
            Modules = node.Texts("modules"),
        };
        release = release with
        {
            Description = node.OptionalText("description", release.Description),
            Debian = node.OptionalText("debian", release.Debian),
            KernelCommandLine = node.OptionalText("kernelCommandLine", release.KernelCommandLine),
            XenPackage = release.Hypervisor == "xen" ? node.Text("xenPackage") : node.OptionalText("xenPackage", release.XenPackage),
            XenCommandLine = node.OptionalText("xenCommandLine", release.XenCommandLine),
            XenFlavour = node.OptionalText("xenFlavour", release.XenFlavour),
            XenOptions = node.OptionalTexts("xenOptions"),
            XenPatches = node.OptionalTexts("xenPatches"),
            Xen = node.AbsolutePath("xen"),
            Kernel = node.AbsolutePath("kernel"),
            ModulesDirectory = node.AbsolutePath("modulesDirectory"),
        };
        // What was changed says so, whether or not somebody remembered to write it down.
        return release with { LabPatched = node.Flag("labPatched", release.LabPatched) || release.XenPatches.Count > 0 };
    }

    public static Suite Suite(ConfigNode node)
    {
        var suite = new Suite { Name = node.Name, Scenarios = node.Texts("scenarios", atLeast: 1) };
        return suite with
        {
            Description = node.OptionalText("description", suite.Description),
            Release = node.OptionalText("release", suite.Release),
            Box = node.OptionalText("box", suite.Box),
        };
    }

    public static KnownDeviation KnownDeviation(ConfigNode node) => new()
    {
        Scenario = node.Text("scenario"),
        Releases = node.Texts("releases", atLeast: 1),
        Divergence = node.OptionalText("divergence", "*"),
        Reason = node.Text("reason"),
        Reference = node.Text("reference"),
    };

    public static Bounds Bounds(ConfigNode node) => Bounds(node, new());

    private static Bounds Bounds(ConfigNode node, Bounds bounds)
    {
        return new()
        {
            Boot = node.Duration("boot", bounds.Boot),
            Restore = node.Duration("restore", bounds.Restore),
            SshConnect = node.Duration("sshConnect", bounds.SshConnect),
            SshCommand = node.Duration("sshCommand", bounds.SshCommand),
            SshAttempts = node.Number("sshAttempts", bounds.SshAttempts, 1, 100),
            ProbeSilence = node.Duration("probeSilence", bounds.ProbeSilence),
            Scenario = node.Duration("scenario", bounds.Scenario),
            PowerOff = node.Duration("powerOff", bounds.PowerOff),
            Setup = node.Duration("setup", bounds.Setup),
            PowerCycles = node.Number("powerCycles", bounds.PowerCycles, 0, 1000),
        };
    }
}
