using System.Diagnostics;
using HvLab.Harness.Lab;
using HvLab.Harness.Provisioning.Probes;

namespace HvLab.Harness.Tests.Images;

public sealed class ProbeBuildTests
{
    [Test]
    public async Task The_probe_is_an_executable_that_is_built_once_a_state_of_its_sources()
    {
        var build = new ProbeBuild(Lab.Paths, Lab.Bounds, TimeProvider.System);
        var first = await build.EnsureAsync(Lab.Progress, default);
        var clock = Stopwatch.StartNew();
        var again = await build.EnsureAsync(Lab.Progress, default);
        TestContext.Progress.WriteLine($"probe cached: {clock.Elapsed.TotalMilliseconds:F1} ms, {new FileInfo(first).Length} bytes");
        Assert.Multiple(() =>
        {
            Assert.That(again, Is.EqualTo(first));
            Assert.That(File.ReadAllBytes(first)[..4], Is.EqualTo(new byte[] { 0x7f, (byte)'E', (byte)'L', (byte)'F' }));
            Assert.That(File.GetUnixFileMode(first).HasFlag(UnixFileMode.UserExecute), Is.True);
        });
    }

    [Test]
    public async Task What_does_not_compile_is_a_build_fault_with_the_compilers_words()
    {
        using var repository = new Scratch();
        Directory.CreateDirectory(repository["Probes/Host"]);
        File.WriteAllText(repository["Probes/Host/Broken.csproj"], "<Project Sdk=\"Microsoft.NET.Sdk\"><PropertyGroup><TargetFramework>net9.0</TargetFramework><OutputType>Exe</OutputType></PropertyGroup></Project>");
        File.WriteAllText(repository["Probes/Host/Program.cs"], "this is no program;");
        using var cache = new Scratch();
        var trouble = await Assert.ThrowsAsync<LabException>(() =>
            new ProbeBuild(new HvLabPaths(repository.Path, cache.Path), Lab.Bounds, TimeProvider.System).EnsureAsync(Lab.Progress, default));
        Assert.Multiple(() =>
        {
            Assert.That(trouble!.Reason, Is.EqualTo(LabFault.Build));
            Assert.That(trouble.Evidence, Does.Contain("Program.cs"));
        });
    }
}
