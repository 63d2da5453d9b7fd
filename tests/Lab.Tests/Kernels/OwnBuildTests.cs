using HvLab.Harness.Cli;
using HvLab.Harness.Lab;
using HvLab.Harness.Lab.Configuration;
using HvLab.Harness.Provisioning.Images;
using HvLab.Harness.Scheduling.Bench;

namespace HvLab.Lab.Tests.Kernels;

/// <summary>--kernel and --modules, through the whole command line and a box.</summary>
[Category("Lab"), NonParallelizable]
public sealed class OwnBuildTests
{
    private static readonly HvLabPaths Paths = HvLabPaths.Find(Environment.GetEnvironmentVariable);
    private readonly string _home = Directory.CreateTempSubdirectory("hvlab-test-").FullName;
    private readonly StringWriter _output = new(), _error = new();
    private PackagedBuild _build = null!;

    [OneTimeSetUp]
    public async Task ChangeTheKernel()
    {
        var lab = LabConfigLoader.Load(Paths.LabConfig, new Dictionary<string, string>(), []);
        _build = await new ImageBuilder(Paths, lab.Bounds, TimeProvider.System).EnsurePackagedBuildAsync(
            lab.Releases[lab.Defaults.Release], new Progress<string>(), CancellationToken.None);
        await ChangedKernel.WriteAsync(_build.Image, Kernel, CancellationToken.None);
    }

    [OneTimeTearDown]
    public void Clean() => Directory.Delete(_home, recursive: true);

    private string Kernel => Path.Combine(_home, "bzImage");

    private async Task<int> RunAsync(params string[] own)
    {
        var environment = Environment.GetEnvironmentVariables().Cast<System.Collections.DictionaryEntry>()
            .ToDictionary(pair => (string)pair.Key, pair => (string?)pair.Value ?? "");
        var code = await CommandLine.InvokeAsync(
            ["run", "kvm-async-pf", "--filter", "kvm-async-pf/broadcast-on-enabling", "--out", Path.Combine(_home, "run"), .. own],
            new(_output, _error, environment, _home, false, TimeProvider.System), CancellationToken.None);
        TestContext.Out.WriteLine($"{_output}\n{_error}");
        return code;
    }

    [Test]
    public async Task A_changed_kernel_with_its_modules_boots_and_is_judged() =>
        Assert.That(await RunAsync("--kernel", Kernel, "--modules", _build.Modules), Is.Zero);

    [Test]
    public async Task The_packages_modules_follow_a_kernel_of_the_same_release() =>
        Assert.That(await RunAsync("--kernel", Kernel), Is.Zero);

    [Test]
    public async Task A_kernel_that_panics_is_a_failure_that_quotes_the_panic()
    {
        Assert.That(await RunAsync("--kernel", Kernel,
            "--set", "releases:kvm-6.1:kernelCommandLine=console=ttyS0 panic=-1 loglevel=4 rdinit=/nonexistent"), Is.EqualTo(1));
        Assert.That(await File.ReadAllTextAsync(Path.Combine(_home, "run", "results.json")), Does.Contain("Kernel panic - not syncing"));
    }

    [Test]
    public async Task A_module_that_is_none_is_bad_configuration()
    {
        var modules = Directory.CreateDirectory(Path.Combine(_home, "bad")).FullName;
        await File.WriteAllTextAsync(Path.Combine(modules, "kvm.ko"), "no module");
        Assert.That(await RunAsync("--modules", modules), Is.EqualTo(2));
        Assert.That(_error.ToString(), Does.Contain("kvm.ko"));
    }
}
