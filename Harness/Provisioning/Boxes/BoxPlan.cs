using HvLab.Harness.Drivers.Processes;
using HvLab.Harness.Drivers.Qemu;
using HvLab.Harness.Drivers.Ssh;
using HvLab.Harness.Lab;
using HvLab.Harness.Lab.Configuration;
using HvLab.Harness.Provisioning.Images;

namespace HvLab.Harness.Provisioning.Boxes;

/// <summary>A box, a release and its artifacts put together: everything that is decided before QEMU starts.</summary>
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
    public required AccelerationChoice Acceleration { get; init; }
    /// <summary>Without port and paths, which each start chooses anew.</summary>
    public required QemuMachine Machine { get; init; }
    public string? ProbeBinary { get; init; }
    public string? ProbeHash { get; init; }

    /// <summary>A developer's own build boots once and is rebuilt: a snapshot of it would cost more than it brings.</summary>
    public bool UsesSnapshots => Box.Snapshots && Release.Kernel is null && Release.ModulesDirectory is null;

    public string SnapshotKey => Boxes.SnapshotKey.Of(Boot, Machine, ProbeHash);

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
        Platform = Acceleration.Platform,
        NestedPaging = "none",
        KvmModule = "none",
        LabPatched = Release.LabPatched,
        Artifacts = ProbeHash is null ? Boot.Artifacts : new Dictionary<string, string>(Boot.Artifacts) { ["probe"] = ProbeHash },
    };

    public SshEndpoint Endpoint(int port) => new("127.0.0.1", port, Boot.SshPrivateKey, Boot.KnownHosts);

    /// <exception cref="LabException"><see cref="LabFault.MissingTool"/> or <see cref="LabFault.Configuration"/>.</exception>
    public static BoxPlan Make(BoxResource box, Release release, BootArtifacts boot, string? probeBinary)
    {
        if (box.Type != "qemu")
            throw new LabException(LabFault.Configuration,
                $"The box '{box.Name}' is of type '{box.Type}', which no driver runs. Allowed: qemu.");
        var acceleration = AccelerationChoice.Decide(box.Accel, MachineVirtualization.Read());
        return new()
        {
            Box = box,
            Release = release,
            Boot = boot,
            Acceleration = acceleration,
            ProbeBinary = probeBinary,
            ProbeHash = probeBinary is null ? null : Boxes.SnapshotKey.HashFile(probeBinary),
            Machine = new()
            {
                Emulator = Executables.Require(box.Emulator),
                Kvm = acceleration.Kvm,
                Cpus = box.Cpus,
                MemoryMiB = box.MemoryMiB,
                CpuModel = box.CpuModel,
                Kernel = boot.Kernel,
                Initramfs = boot.Initramfs,
                CommandLine = boot.CommandLine,
                SshPort = 0,
                QmpSocket = "",
                SerialSocket = "",
                ConsoleLog = "",
            },
        };
    }
}
