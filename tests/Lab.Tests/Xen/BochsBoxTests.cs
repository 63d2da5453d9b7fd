using System.Runtime.InteropServices;
using HvLab.Harness.Lab;
using HvLab.Harness.Lab.Results;
using HvLab.Lab.Tests.Faults;

namespace HvLab.Lab.Tests.Xen;

/// <summary>Real Xen, its code unchanged, on the VMX and EPT that Bochs emulates: the box of the nightly suites.</summary>
[Category("Lab"), NonParallelizable]
internal sealed class BochsBoxTests
{
    /// <summary>Measured: 144 s on two cores that others kept at a load of 17.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(12);

    [Test]
    public async Task A_handful_of_each_subsystem_succeeds_on_EPT_with_Xens_code_unchanged()
    {
        using var run = new HvLabProcess("run xen-ept-quick");
        Assert.That(await run.EndAsync(Patience), Is.Zero);
        var host = run.Results.Hosts.Single();
        Assert.That((host.Box, host.Platform, host.NestedPaging, host.CpuVendor, host.Cpus, host.LabPatched),
            Is.EqualTo(("bochs-ept", "bochs", "EPT", "GenuineIntel", 1, false)));
        Assert.That(host.Xen, Has.Property("Flavour").EqualTo("paging"));
        Assert.That(host.Capabilities, Is.SupersetOf(new[] { HostCapability.XenPaging, HostCapability.XenSharing }), "sharing too, without the lab's patch");
        Assert.That(run.Results.Scenarios.Select(scenario => scenario.Verdict), Has.All.EqualTo(Verdict.Success));
        Assert.That(run.Results.Scenarios.CountBy(scenario => scenario.Subsystem).Select(group => group.Value), Is.EqualTo(new[] { 3, 3, 3 }));
        Assert.That(await File.ReadAllTextAsync(Path.Combine(run.Out, "console.log")), Does.Contain("(XEN) VMX: Supported advanced features"));
        Assert.That(await File.ReadAllTextAsync(Path.Combine(run.Out, "report.html")), Does.Contain("Bochs"), "it says how real the host is");
        await run.AssertNothingRunsAsync();
    }

    [TestCase(null)]
    [TestCase(PosixSignal.SIGINT)]
    public async Task Ended_while_it_boots_a_run_leaves_neither_Bochs_nor_its_recorder(PosixSignal? signal)
    {
        using var run = new HvLabProcess("run xen-ept-quick");
        await run.BochsAsync();
        await run.UntilAsync(() => File.Exists(Path.Combine(run.Out, "console.log")), "the console's log");
        if (signal is { } polite)
            run.Signal(polite);
        else
            run.Kill();
        await run.EndAsync();
        await run.AssertNothingRunsAsync();
    }
}
