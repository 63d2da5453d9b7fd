using HvLab.Harness.Lab;
using HvLab.Harness.Lab.Configuration;
using HvLab.Harness.Provisioning.Boxes;
using HvLab.Harness.Provisioning.Images;

namespace HvLab.Lab.Tests.Boxes;

/// <summary>A release to boot, a cache of its own, a run directory, and a "probe": the one place that knows where they come from.</summary>
internal sealed class BoxFixture : IDisposable
{
    public BoxFixture(string? directory = null)
    {
        Home = directory ?? Directory.CreateTempSubdirectory("hvlab-test-").FullName;
        Cache = Path.Combine(Home, "cache");
        RunDirectory = Directory.CreateDirectory(Path.Combine(Home, "run")).FullName;
        Probe = Path.Combine(Home, "probe");
        // Any program that reads, answers and stays will do; the real probe has tests of its own.
        File.WriteAllText(Probe, "#!/bin/sh\necho probe \"$@\"\nexec cat\n");
    }

    public string Home { get; }
    public string Cache { get; init; }
    public HvLabPaths Paths => new("/nowhere", Cache);
    public string RunDirectory { get; }
    public string Probe { get; }
    public Provisioner Provisioner => new(Paths, Bounds, TimeProvider.System);
    public KeptBoxes Kept => new(Paths, Bounds, TimeProvider.System);
    public Bounds Bounds { get; init; } = new();
    public List<ProvisionStep> Steps { get; } = [];
    public BoxResource Box { get; init; } = new() { Name = "test-box", Type = "qemu", Accel = Acceleration.Tcg };
    public Release Release { get; init; } = Kvm61;

    /// <summary>As in lab-config, except that a panic ends QEMU at once: ssh notices a silent host only after its own bound.</summary>
    private static readonly Release Kvm61 = new()
    {
        Name = "kvm-6.1", Hypervisor = "kvm", KernelPackage = "linux-image-amd64", ImagePackages = ["busybox-static", "openssh-server"],
        Modules = ["virtio_pci", "virtio_net", "irqbypass", "ccp", "kvm", "kvm_amd", "kvm_intel"],
        KernelCommandLine = "console=ttyS0 panic=-1 loglevel=4",
    };

    /// <summary>Built once into the user's own cache: only snapshots and runs are the test's own.</summary>
    private static readonly Lazy<Task<BootArtifacts>> Built = new(() =>
        new ImageBuilder(HvLabPaths.Find(Environment.GetEnvironmentVariable), new(), TimeProvider.System)
            .EnsureAsync(Kvm61, new Progress<string>(), CancellationToken.None));

    public static Task<BootArtifacts> BootAsync() => Built.Value;

    public async Task<Host> ProvisionAsync(bool keep = false, Func<BootArtifacts, BootArtifacts>? change = null)
    {
        var boot = await BootAsync();
        return await Provisioner.ProvisionAsync(Box, Release, change?.Invoke(boot) ?? boot,
            new() { RunDirectory = RunDirectory, ProbeBinary = Probe, Keep = keep }, new Recorder(Steps), CancellationToken.None);
    }

    public bool Reached(BoxPhase phase) => Steps.Exists(step => step.Phase == phase);

    public string SnapshotDirectory => Path.Combine(Paths.Cache, "snapshots");

    public IReadOnlyList<string> Snapshots => Directory.Exists(SnapshotDirectory) ? Directory.GetDirectories(SnapshotDirectory) : [];

    public void Dispose() => Directory.Delete(Home, recursive: true);

    private sealed class Recorder(List<ProvisionStep> steps) : IProgress<ProvisionStep>
    {
        public void Report(ProvisionStep value) => steps.Add(value);
    }
}
