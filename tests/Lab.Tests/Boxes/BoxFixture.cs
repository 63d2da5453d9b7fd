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
    public Bounds Bounds { get; } = new();
    public List<ProvisionStep> Steps { get; } = [];
    public BoxResource Box { get; init; } = new() { Name = "test-box", Type = "qemu", Accel = Acceleration.Tcg };
    public Release Release { get; init; } = new()
    {
        Name = "kvm-6.1", Hypervisor = "kvm", KernelPackage = "linux-image-amd64", ImagePackages = [], Modules = [],
    };

    public static Task<BootArtifacts> BootAsync()
    {
        var directory = Environment.GetEnvironmentVariable("HVLAB_TEST_BOOT")
            ?? throw new AssertionException("HVLAB_TEST_BOOT names no directory with vmlinux, initramfs.cpio, userkey and known_hosts.");
        return Task.FromResult(new BootArtifacts
        {
            Key = new string('0', 64),
            Kernel = Path.Combine(directory, "vmlinux"),
            Initramfs = Path.Combine(directory, "initramfs.cpio"),
            CommandLine = "console=ttyS0 quiet panic=-1",
            SshPrivateKey = Path.Combine(directory, "userkey"),
            KnownHosts = Path.Combine(directory, "known_hosts"),
            Artifacts = new Dictionary<string, string> { ["kernel"] = "00" },
        });
    }

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
