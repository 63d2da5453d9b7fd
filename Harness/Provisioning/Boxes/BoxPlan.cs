using HvLab.Harness.Drivers.Bochs;
using HvLab.Harness.Drivers.Emulators;
using HvLab.Harness.Drivers.Processes;
using HvLab.Harness.Drivers.Qemu;
using HvLab.Harness.Drivers.Ssh;
using HvLab.Harness.Lab;
using HvLab.Harness.Lab.Configuration;
using HvLab.Harness.Provisioning.Images;
using HvLab.Harness.Provisioning.Xen;

namespace HvLab.Harness.Provisioning.Boxes;

/// <summary>A box, a release and its artifacts put together: everything that is decided before an emulator starts.</summary>
internal sealed record BoxPlan
{
    public const string ReadyMarker = "HVLAB-READY";
    /// <summary>Images/init.sh: sshd listens, though modules may still load.</summary>
    public const string SshMarker = "HVLAB-SSH";
    /// <summary>A file that the image makes just before the ready marker.</summary>
    public const string ReadyFile = "/run/hvlab-ready";
    /// <summary>Kernel command line word that makes the image's init power off right after the marker.</summary>
    public const string PowerOffWord = "hvlab.poweroff";
    public const string RemoteProbe = "/run/hvlab/hvlab-probe";

    public required BoxResource Box { get; init; }
    public required Release Release { get; init; }
    public required BootArtifacts Boot { get; init; }
    /// <summary>As <see cref="HostFacts.Platform"/> names it.</summary>
    public required string Platform { get; init; }
    /// <summary>The sentence that says why the box executes as it does.</summary>
    public required string Why { get; init; }
    /// <summary>Without port and paths, which each start chooses anew.</summary>
    public required EmulatedMachine Machine { get; init; }
    public string? ProbeBinary { get; init; }
    public string? ProbeHash { get; init; }

    /// <summary>A developer's own build boots once and is rebuilt: a snapshot of it would cost more than it brings.</summary>
    public bool UsesSnapshots => Machine is QemuMachine && Box.Snapshots && Release.Kernel is null && Release.ModulesDirectory is null && Release.Xen is null;

    public string SnapshotKey => Boxes.SnapshotKey.Of(Boot, (QemuMachine)Machine, ProbeHash);

    /// <summary>What is known without asking the host.</summary>
    public HostFacts KnownFacts => new()
    {
        Box = Box.Name,
        Release = Release.Name,
        Kernel = "unknown",
        KernelVersion = "unknown",
        CpuVendor = "unknown",
        CpuModel = "unknown",
        Cpus = 0,
        Platform = Platform,
        NestedPaging = "none",
        KvmModule = "none",
        LabPatched = Release.LabPatched,
        Artifacts = ProbeHash is null ? Boot.Artifacts : new Dictionary<string, string>(Boot.Artifacts) { ["probe"] = ProbeHash },
    };

    /// <summary>The libraries in the image speak to one version of Xen alone.</summary>
    /// <exception cref="LabException"><see cref="LabFault.Configuration"/>: another one booted, or none.</exception>
    public void RequireXen(HostFacts facts)
    {
        if (Release.Hypervisor != "xen")
            return;
        var wanted = XenPackage.VersionOf(Release);
        if (facts.Xen is not { } xen)
            throw new LabException(LabFault.Image, $"The box of release {Release.Name} booted, but no Xen answered in it. Its console log shows what did.");
        if (xen.Version != wanted && !xen.Version.StartsWith($"{wanted}.", StringComparison.Ordinal) && !xen.Version.StartsWith($"{wanted}-", StringComparison.Ordinal))
            throw new LabException(LabFault.Configuration,
                $"What booted is Xen {xen.Version}, but release {Release.Name} has the libraries of Xen {wanted}, and the interface between them is of one version each. "
                + "Give a hypervisor of that version by --xen, or another release by --release.");
    }

    public SshEndpoint Endpoint(int port) => new("127.0.0.1", port, Boot.SshPrivateKey, Boot.KnownHosts);

    /// <exception cref="LabException"><see cref="LabFault.MissingTool"/> or <see cref="LabFault.Configuration"/>.</exception>
    public static async Task<BoxPlan> MakeAsync(
        BoxResource box, Release release, BootArtifacts boot, string? probeBinary, CancellationToken cancellation)
    {
        var (machine, platform, why) = box.Type switch
        {
            "qemu" => await QemuAsync(box, boot, cancellation),
            "bochs" => (Bochs(box, boot), "bochs", "Bochs, which interprets an Intel CPU with VMX and EPT: minutes, not seconds."),
            _ => throw new LabException(LabFault.Configuration,
                $"The box '{box.Name}' is of type '{box.Type}', which no driver runs. Allowed: qemu, bochs."),
        };
        return new()
        {
            Box = box,
            Release = release,
            Boot = boot,
            Platform = platform,
            Why = why,
            ProbeBinary = probeBinary,
            ProbeHash = probeBinary is null ? null : Boxes.SnapshotKey.HashFile(probeBinary),
            Machine = machine,
        };
    }

    private static async Task<(EmulatedMachine, string Platform, string Why)> QemuAsync(BoxResource box, BootArtifacts boot, CancellationToken cancellation)
    {
        var acceleration = AccelerationChoice.Decide(box.Accel, MachineVirtualization.Read());
        var emulator = Executables.Require(box.Emulator);
        var cpu = boot.Hypervisor is null || acceleration.Kvm ? box.CpuModel
            : XenCpu.ModelFor(box.CpuModel, Setup.Machine.ParseVersion((await Command.RunAsync(emulator, ["--version"], cancellation)).Output));
        return (new QemuMachine
        {
            Emulator = emulator,
            Kvm = acceleration.Kvm,
            Cpus = box.Cpus,
            MemoryMiB = box.MemoryMiB,
            CpuModel = cpu,
            Kernel = boot.Kernel,
            Initramfs = boot.Initramfs,
            CommandLine = boot.CommandLine,
            Hypervisor = boot.Hypervisor,
            HypervisorCommandLine = boot.HypervisorCommandLine,
        }, acceleration.Platform, acceleration.Why);
    }

    private static BochsMachine Bochs(BoxResource box, BootArtifacts boot) => new()
    {
        Emulator = Executables.Require(box.Emulator),
        Cpus = box.Cpus,
        MemoryMiB = box.MemoryMiB,
        CpuModel = box.CpuModel,
        Mips = box.Mips,
        Kernel = boot.Kernel,
        Initramfs = boot.Initramfs,
        CommandLine = boot.CommandLine,
        Hypervisor = boot.Hypervisor,
        HypervisorCommandLine = boot.HypervisorCommandLine,
    };
}
