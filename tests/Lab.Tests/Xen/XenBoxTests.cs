using System.Globalization;
using HvLab.Harness.Drivers.Console;
using HvLab.Harness.Lab;
using HvLab.Harness.Lab.Configuration;
using HvLab.Harness.Provisioning.Boxes;
using HvLab.Harness.Provisioning.Images;
using HvLab.Lab.Tests.Boxes;

namespace HvLab.Lab.Tests.Xen;

/// <summary>Real Xen in a real box: Debian's source rebuilt as lab-config says, in the user's own cache.</summary>
[Category("Lab"), NonParallelizable]
public sealed class XenBoxTests
{
    private static readonly HvLabPaths Paths = HvLabPaths.Find(Environment.GetEnvironmentVariable);
    private static readonly LabConfig Lab = LabConfigLoader.Load(Paths.LabConfig, new Dictionary<string, string>(), []);

    private static async Task<(BoxFixture Lab, Host Host, BootArtifacts Boot)> BootAsync(string release, Bounds? bounds = null)
    {
        var fixture = new BoxFixture { Release = Lab.Releases[release], Bounds = bounds ?? new() };
        var boot = await new ImageBuilder(Paths, new(), TimeProvider.System)
            .EnsureAsync(fixture.Release, new Progress<string>(TestContext.Progress.WriteLine), CancellationToken.None);
        return (fixture, await fixture.ProvisionAsync(change: _ => boot), boot);
    }

    [Test]
    public async Task Xen_and_dom0_boot_and_say_what_they_are_and_a_snapshot_of_them_restores()
    {
        var (lab, host, boot) = await BootAsync("xen-4.17");
        using (lab)
        {
            await using (host)
            {
                AssertPatched(host.Facts);
                var found = await host.Ssh.RequireAsync(["sh", "-c", "ls /dev/xen; ls /lib/x86_64-linux-gnu; cat /proc/xen/capabilities"], CancellationToken.None);
                Assert.That(found.Output.Split('\n'), Is.SupersetOf(new[] { "privcmd", "evtchn", "gntdev", "libxenctrl.so", "libxenctrl.so.4.17", "libxendevicemodel.so", "control_d" }));
            }
            Assert.That(lab.Snapshots, Has.Count.EqualTo(1));
            await using var restored = await lab.ProvisionAsync(change: _ => boot);
            Assert.That(restored.IsRestored);
            AssertPatched(restored.Facts);
            var date = await restored.Ssh.RequireAsync(["date", "-u", "+%s"], CancellationToken.None);
            Assert.That(long.Parse(date.Output, CultureInfo.InvariantCulture), Is.EqualTo(DateTimeOffset.UtcNow.ToUnixTimeSeconds()).Within(60));
        }
    }

    [Test]
    public async Task A_panic_of_Xen_is_told_with_its_stack_and_a_power_cycle_mends_it()
    {
        var (lab, host, _) = await BootAsync("xen-4.17");
        using (lab)
            await using (host)
            {
                await host.SendNmiAsync(CancellationToken.None);
                var trouble = await Within(TimeSpan.FromSeconds(30), () => host.DiagnoseAsync());
                Assert.That(trouble.Severity, Is.EqualTo(ConsoleSeverity.Fatal));
                Assert.That(trouble.Kind, Is.EqualTo("Xen panic"));
                Assert.That(trouble.Excerpt, Does.StartWith("(XEN) ----[ Xen-4.17").And.Contain("(XEN) Xen call trace:").And.Contain("FATAL TRAP: vec 2, NMI"));
                await host.PowerCycleAsync(CancellationToken.None);
                Assert.That((await host.Ssh.RequireAsync(["cat", "/sys/hypervisor/type"], CancellationToken.None)).Output.Trim(), Is.EqualTo("xen"));
            }
    }

    [Test]
    public async Task A_hang_of_dom0_is_told_with_the_registers_that_Xen_shows()
    {
        var (lab, host, _) = await BootAsync("xen-4.17", new Bounds { ProbeSilence = TimeSpan.FromSeconds(8) });
        using (lab)
            await using (host)
            {
                Assert.That(await host.DiagnoseSilenceAsync(CancellationToken.None), Is.Null, "it answers yet");
                // Dom0's kernel freezes every task and waits for a wake-up that never comes.
                await host.Ssh.RequireAsync(["sh", "-c", "(sleep 1; echo freeze >/sys/power/state) </dev/null >/dev/null 2>&1 &"], CancellationToken.None);
                var trouble = await Within(TimeSpan.FromSeconds(60), () => host.DiagnoseSilenceAsync(CancellationToken.None));
                Assert.That((trouble.Severity, trouble.Kind), Is.EqualTo((ConsoleSeverity.Fatal, "hang of dom0 (Xen answers its keys)")));
                Assert.That(trouble.Excerpt, Does.Contain("(XEN) '0' pressed -> dumping Dom0's registers").Or.Contain("(XEN) *** Dumping CPU"));
                await host.PowerCycleAsync(CancellationToken.None);
                Assert.That((await host.Ssh.RequireAsync(["cat", "/sys/hypervisor/type"], CancellationToken.None)).Output.Trim(), Is.EqualTo("xen"));
            }
    }

    [Test]
    public async Task Debians_own_Xen_boots_and_is_no_patched_one()
    {
        var (lab, host, _) = await BootAsync("xen-4.17-stock");
        using (lab)
            await using (host)
            {
                Assert.That(host.Facts.Xen, Has.Property("Flavour").EqualTo("stock").And.Property("Debug").False);
                Assert.That(host.Facts.LabPatched, Is.False);
                Assert.That(host.Facts.Capabilities, Does.Contain(HostCapability.Xen).And.Not.Contain(HostCapability.XenPaging));
            }
    }

    private static void AssertPatched(HostFacts facts)
    {
        Assert.That(facts.Xen, Has.Property("Flavour").EqualTo("sharing-amd").And.Property("Debug").True.And.Property("Version").StartsWith("4.17."));
        Assert.That((facts.NestedPaging, facts.LabPatched, facts.Cpus), Is.EqualTo(("NPT", true, 2)));
        Assert.That(facts.Capabilities, Is.SupersetOf(new[] { HostCapability.Xen, HostCapability.XenPaging, HostCapability.XenSharing }));
        Assert.That(facts.Artifacts, Does.ContainKey("xen"));
    }

    private static async Task<T> Within<T>(TimeSpan bound, Func<Task<T?>> look) where T : class
    {
        var until = DateTimeOffset.UtcNow + bound;
        while (true)
        {
            if (await look() is { } found)
                return found;
            Assert.That(DateTimeOffset.UtcNow, Is.LessThan(until), "nothing came within the bound");
            await Task.Delay(100);
        }
    }
}
