using HvLab.Harness.Lab;
using HvLab.Harness.Lab.Configuration;

namespace HvLab.Harness.Tests.Images;

/// <summary>What the tests of this folder share: a scratch directory, a cache that survives the run, and the release they boot.</summary>
internal static class Lab
{
    /// <summary>What lab-config says of kvm-6.1, written out: these tests do not depend on lab-config.</summary>
    public static Release Kvm61 { get; } = new()
    {
        Name = "kvm-6.1",
        Hypervisor = "kvm",
        KernelPackage = "linux-image-amd64",
        ImagePackages = ["busybox-static", "openssh-server"],
        Modules = ["virtio_pci", "virtio_net", "irqbypass", "ccp", "kvm", "kvm_amd", "kvm_intel"],
        KernelCommandLine = "console=ttyS0 panic=0 loglevel=4 mitigations=off tsc=reliable no_timer_check "
            + "cryptomgr.notests initcall_blacklist=crypto_kdf108_init ipv6.disable=1 audit=0",
    };

    /// <summary>The user's own cache: packages are downloaded once a machine, not once a test run.</summary>
    public static HvLabPaths Paths { get; } = HvLabPaths.Find(Environment.GetEnvironmentVariable);
    public static Bounds Bounds { get; } = new();
    public static IProgress<string> Progress { get; } = new ToTestLog();

    private sealed class ToTestLog : IProgress<string>
    {
        public void Report(string value) => TestContext.Progress.WriteLine(value);
    }
}

/// <summary>A directory that is gone when the test is over.</summary>
internal sealed class Scratch : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("hvlab-test-").FullName;

    public string this[string name] => System.IO.Path.Combine(Path, name);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
