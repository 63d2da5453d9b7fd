using HvLab.Harness.Drivers.Processes;
using HvLab.Harness.Lab;
using HvLab.Harness.Provisioning.Images;
using HvLab.Harness.Provisioning.Setup;

namespace HvLab.Harness.Tests.Faults;

using HvLab.Harness.Tests.Images;
using Lab = HvLab.Harness.Tests.Images.Lab;

/// <summary>A machine with all programs but QEMU, whose package mirror does not answer: the machine's own apt says so.</summary>
[NonParallelizable]
public sealed class NoNetworkTests
{
    private const string AptConfig = "APT_CONFIG";

    [Test]
    public async Task Without_QEMU_and_network_one_paragraph_names_the_package_the_mirror_and_the_command()
    {
        using var scratch = new Scratch();
        Directory.CreateDirectory(scratch["bin"]);
        foreach (var program in Requirements.All.Select(r => r.Program).Where(p => p != Requirements.Qemu && !Path.IsPathRooted(p)))
            File.CreateSymbolicLink(scratch[$"bin/{program}"], Executables.Require(program));
        var plan = new SetupPlan(Lab.Paths with { Cache = scratch["cache"] }, Lab.Bounds, TimeProvider.System, new([scratch["bin"]]));
        var missing = await plan.FindMissingAsync();
        Assert.That(missing.Select(m => m.Requirement.Program), Is.EqualTo(new[] { Requirements.Qemu }));

        var before = await StateOfMachineAsync();
        var trouble = await WithoutNetworkAsync(scratch, () =>
            Assert.ThrowsAsync<LabException>(() => plan.InstallAsync(missing, Lab.Progress)));
        TestContext.Progress.WriteLine(trouble!.Message);
        var after = await StateOfMachineAsync();
        Assert.Multiple(() =>
        {
            Assert.That(trouble.Reason, Is.EqualTo(LabFault.MissingTool));
            Assert.That(trouble.Message, Does.Contain("qemu-system-x86").And.Contain("mirror could not be reached").And.Contain("apt-get install"));
            Assert.That(trouble.Evidence, Does.Contain("127.0.0.1"), "apt did try");
            Assert.That(trouble.Message, Does.Not.Contain("\n"));
            Assert.That(after, Is.EqualTo(before), "the machine's own apt and dpkg are as they were");
        });
    }

    /// <summary>
    /// apt reads this file before any other: a proxy where nobody listens, and everything it could change is in the scratch
    /// directory. As on a machine without QEMU, no package is installed; dpkg could not be reached either.
    /// </summary>
    private static async Task<T> WithoutNetworkAsync<T>(Scratch scratch, Func<Task<T>> action)
    {
        foreach (var directory in (string[])["lists/partial", "archives/partial", "parts"])
            Directory.CreateDirectory(scratch[directory]);
        File.WriteAllText(scratch["status"], "");
        File.WriteAllText(scratch["apt.conf"], $"""
            Acquire::http::Proxy "http://127.0.0.1:9";
            Acquire::https::Proxy "http://127.0.0.1:9";
            Acquire::Retries "0";
            Dir::State "{scratch.Path}";
            Dir::State::Lists "{scratch["lists"]}";
            Dir::State::status "{scratch["status"]}";
            Dir::Cache "{scratch.Path}";
            Dir::Log "{scratch.Path}";
            Dir::Bin::dpkg "/bin/false";
            Dir::Etc::Parts "{scratch["parts"]}";
            Dir::Etc::Main "{scratch["no-such-file"]}";
            APT::Sandbox::User "root";

            """);
        var earlier = Environment.GetEnvironmentVariable(AptConfig);
        Environment.SetEnvironmentVariable(AptConfig, scratch["apt.conf"]);
        try
        {
            return await action();
        }
        finally
        {
            Environment.SetEnvironmentVariable(AptConfig, earlier);
        }
    }

    private static async Task<IReadOnlyList<string>> StateOfMachineAsync() =>
    [
        await Hash.OfFileAsync("/var/lib/dpkg/status", CancellationToken.None),
        .. new[] { "/etc/apt", "/var/lib/apt/lists", "/var/cache/apt/archives" }.Where(Directory.Exists)
            .SelectMany(at => Directory.GetFiles(at, "*", SearchOption.AllDirectories)).Order(StringComparer.Ordinal)
            .Select(file => $"{file} {new FileInfo(file).Length} {File.GetLastWriteTimeUtc(file).Ticks}"),
    ];
}
