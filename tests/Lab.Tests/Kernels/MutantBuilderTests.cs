using HvLab.Harness.Lab;
using HvLab.Harness.Lab.Configuration;
using HvLab.Harness.Provisioning.Kernels;

namespace HvLab.Lab.Tests.Kernels;

/// <summary>Real builds of real KVM; half a minute of compiler time where unchanged KVM is not in the cache.</summary>
[Category("Lab")]
public sealed class MutantBuilderTests
{
    private static readonly HvLabPaths Paths = HvLabPaths.Find(Environment.GetEnvironmentVariable);
    private KernelPackages _packages = null!;
    private MutantBuilder _builder = null!;

    [OneTimeSetUp]
    public async Task Resolve()
    {
        _packages = await KernelPackageResolver.ResolveAsync("linux-image-amd64", CancellationToken.None);
        _builder = new(new(Paths, new Bounds(), TimeProvider.System), _packages, new Bounds(), TimeProvider.System);
    }

    private static IEnumerable<TestCaseData<Mutant>> All() =>
        MutantCatalog.LoadKvm(Paths).Prepend(Mutant.Control).Select(m => new TestCaseData<Mutant>(m).SetArgDisplayNames(m.Name));

    [TestCaseSource(nameof(All))]
    public async Task It_builds_for_the_kernel_that_the_release_boots(Mutant mutant)
    {
        var build = await _builder.BuildAsync(mutant, CancellationToken.None);
        await TestContext.Out.WriteLineAsync($"{mutant.Name}: {build.Took.TotalMilliseconds:F0} ms, cached {build.Cached}");
        foreach (var module in new[] { "kvm.ko", "kvm-amd.ko" })
            Assert.That(ModuleInfo.VersionMagic(Path.Combine(build.Directory, module)), Does.StartWith(_packages.Abi + " "), module);
    }

    [Test]
    public async Task A_mutant_differs_from_the_control_in_kvm_alone()
    {
        var control = await _builder.BuildAsync(Mutant.Control, CancellationToken.None);
        var mutant = await _builder.BuildAsync(MutantCatalog.LoadKvm(Paths)[0], CancellationToken.None);
        byte[] Read(MutantBuild build, string module) => File.ReadAllBytes(Path.Combine(build.Directory, module));
        Assert.Multiple(() =>
        {
            Assert.That(Read(mutant, "kvm.ko").SequenceEqual(Read(control, "kvm.ko")), Is.False);
            Assert.That(Read(mutant, "kvm-amd.ko").SequenceEqual(Read(control, "kvm-amd.ko")), Is.True);
        });
    }

    [Test]
    public async Task A_damaged_module_is_built_again()
    {
        var mutant = Unique("damaged");
        var build = await _builder.BuildAsync(mutant, CancellationToken.None);
        try
        {
            await File.WriteAllTextAsync(Path.Combine(build.Directory, "kvm.ko"), "gone", CancellationToken.None);
            var again = await _builder.BuildAsync(mutant, CancellationToken.None);
            Assert.That(again.Cached, Is.False);
            Assert.That(ModuleInfo.VersionMagic(Path.Combine(again.Directory, "kvm.ko")), Does.StartWith(_packages.Abi));
        }
        finally
        {
            Directory.Delete(build.Directory, recursive: true);
        }
    }

    [Test]
    public async Task Two_at_once_compile_once_and_a_third_takes_the_result()
    {
        var mutant = Unique("twice");
        var both = await Task.WhenAll(
            _builder.BuildAsync(mutant, CancellationToken.None), _builder.BuildAsync(mutant, CancellationToken.None));
        try
        {
            Assert.That(both.Count(build => build.Cached), Is.EqualTo(1));
            Assert.That((await _builder.BuildAsync(mutant, CancellationToken.None)).Cached, Is.True);
        }
        finally
        {
            Directory.Delete(both[0].Directory, recursive: true);
        }
    }

    [Test]
    public async Task An_edit_that_does_not_compile_is_told_in_the_compilers_words()
    {
        var mutant = new Mutant("no-c", "", [new("virt/kvm/async_pf.c", "work->wakeup_all = true;", "this is no C;")], []);
        var thrown = (await Assert.ThrowsAsync<LabException>(async () => await _builder.BuildAsync(mutant, CancellationToken.None)))!;
        Assert.Multiple(() =>
        {
            Assert.That(thrown.Reason, Is.EqualTo(LabFault.Build));
            Assert.That(thrown.Message, Does.Contain("'no-c'"));
            Assert.That(thrown.Evidence, Does.Contain("async_pf.c").And.Contain("error:"));
        });
    }

    [Test]
    public async Task A_cancelled_build_leaves_nothing_behind()
    {
        await _builder.BuildAsync(Mutant.Control, CancellationToken.None);
        var mutant = Unique("cancelled");
        using var stop = new CancellationTokenSource(TimeSpan.FromMilliseconds(500));
        Assert.That(async () => await _builder.BuildAsync(mutant, stop.Token), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(Directory.GetDirectories(Path.Combine(Paths.Cache, "kvm-mutants"), $"*{mutant.EditsHash[..16]}*", SearchOption.AllDirectories), Is.Empty);
    }

    /// <summary>An edit that no earlier test run has in the cache; it changes no behaviour.</summary>
    private static Mutant Unique(string name) => new($"test-{name}", "",
        [new("virt/kvm/async_pf.c", "work->wakeup_all = true;", $"work->wakeup_all = true; /* {Guid.NewGuid()} */")], []);
}
