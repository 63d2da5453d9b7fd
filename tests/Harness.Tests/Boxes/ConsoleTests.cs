using HvLab.Harness.Drivers.Console;
using HvLab.Harness.Lab;

namespace HvLab.Harness.Tests.Boxes;

internal sealed class ConsoleTests
{
    private string _log = "";

    [SetUp]
    public void Make() => _log = Path.GetTempFileName();

    [TearDown]
    public void Remove() => File.Delete(_log);

    [TestCase("[    1.0] Kernel panic - not syncing: sysrq triggered crash", ConsoleSeverity.Fatal, "kernel panic")]
    [TestCase("[    1.0] BUG: kernel NULL pointer dereference, address: 0000000000000008", ConsoleSeverity.Crash, "oops")]
    [TestCase("[    1.0] BUG: unable to handle page fault for address: ffffffffc0", ConsoleSeverity.Crash, "oops")]
    [TestCase("[    1.0] Oops: 0002 [#1] PREEMPT SMP NOPTI", ConsoleSeverity.Crash, "oops")]
    [TestCase("[    1.0] general protection fault, probably for non-canonical address 0xdead: 0000 [#1]", ConsoleSeverity.Crash, "oops")]
    [TestCase("[    1.0] kernel BUG at arch/x86/kvm/x86.c:1234!", ConsoleSeverity.Crash, "BUG()")]
    [TestCase("[   26.0] watchdog: BUG: soft lockup - CPU#1 stuck for 26s! [probe:77]", ConsoleSeverity.Crash, "soft lockup")]
    [TestCase("[   60.0] rcu: INFO: rcu_preempt self-detected stall on CPU", ConsoleSeverity.Crash, "RCU stall")]
    [TestCase("[   60.0] rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:", ConsoleSeverity.Crash, "RCU stall")]
    [TestCase("[  120.0] INFO: task probe:77 blocked for more than 120 seconds.", ConsoleSeverity.Crash, "hung task")]
    [TestCase("[    1.0] BUG: KASAN: use-after-free in kvm_async_pf_task_wake+0x1/0x2", ConsoleSeverity.Crash, "KASAN report")]
    [TestCase("[    1.0] WARNING: CPU: 0 PID: 77 at arch/x86/kvm/x86.c:1 kvm_arch_async_page_ready+0x1/0x2 [kvm]", ConsoleSeverity.Warning, "WARN()")]
    [TestCase("(XEN) Panic on CPU 0:", ConsoleSeverity.Fatal, "Xen panic")]
    [TestCase("(XEN) FATAL TRAP: vec 2, nmi", ConsoleSeverity.Fatal, "Xen panic")]
    [TestCase("(XEN) Xen BUG at arch/x86/mm/p2m.c:1", ConsoleSeverity.Fatal, "Xen BUG()")]
    [TestCase("(XEN) Assertion 'mfn_valid(mfn)' failed at arch/x86/mm/mem_sharing.c:1", ConsoleSeverity.Fatal, "failed assertion of Xen")]
    [TestCase("(XEN) Xen WARN at arch/x86/hvm/hvm.c:1", ConsoleSeverity.Warning, "Xen WARN()")]
    [TestCase("(XEN) Hardware Dom0 crashed: rebooting machine in 5 seconds.", ConsoleSeverity.Fatal, "crash of dom0")]
    public void A_line_of_the_kernel_is_known_for_what_it_is(string line, ConsoleSeverity severity, string kind) =>
        Assert.That(ConsolePatterns.Match(line), Is.Not.Null.And.Property("Severity").EqualTo(severity).And.Property("Kind").EqualTo(kind));

    [TestCase("[    0.0] Linux version 6.1.0")]
    [TestCase("[    0.0] Debug: no bugs here")]
    [TestCase("HVLAB-READY")]
    [TestCase("(XEN) Domain 1 (vcpu#0) crashed on cpu#1:")]
    [TestCase("(XEN) ----[ Xen-4.17.5  x86_64  debug=y  Not tainted ]----")]
    [TestCase("(d1) Panic on CPU 0:")]
    [TestCase("(XEN) Xen WARN at arch/x86/xstate.c:769")]
    public void A_peaceful_line_is_none(string line) => Assert.That(ConsolePatterns.Match(line), Is.Null);

    [Test]
    public async Task A_marker_is_found_while_the_log_grows()
    {
        var waiting = new ConsoleWatcher(_log, TimeProvider.System).WaitForAsync("HVLAB-READY", CancellationToken.None);
        await File.AppendAllTextAsync(_log, "boot\nHVLAB");
        await Task.Delay(50);
        Assert.That(waiting.IsCompleted, Is.False);
        await File.AppendAllTextAsync(_log, "-READY");
        await waiting.WaitAsync(TimeSpan.FromSeconds(5));
    }

    [Test]
    public async Task A_panic_before_the_marker_is_quoted_with_what_follows_it()
    {
        await File.AppendAllTextAsync(_log, "boot\r\nKernel panic - not syncing: \x1b[31mno init\r\nCall Trace:\r\n---[ end Kernel panic ]---\r\n");
        var crash = await Assert.ThrowsAsync<LabException>(() => new ConsoleWatcher(_log, TimeProvider.System).WaitForAsync("never", CancellationToken.None));
        Assert.That(crash?.Reason, Is.EqualTo(LabFault.HostCrash));
        Assert.That(crash?.Evidence, Does.StartWith("Kernel panic").And.Contain("Call Trace:").And.Contain("\\x1b[31m").And.Not.Contain("\x1b"));
    }

    [Test]
    public async Task A_panic_of_Xen_is_quoted_with_the_stack_that_came_before_it()
    {
        var watcher = new ConsoleWatcher(_log, TimeProvider.System);
        await File.AppendAllTextAsync(_log, "(XEN) ----[ Xen-4.17.5 ]----\r\n(XEN) RIP: of a domain\r\ndom0 goes on\r\n"
            + "(XEN) ----[ Xen-4.17.5 ]----\r\n(XEN) RIP:    e008:[<ffff82d0>] p2m_remove\r\n(XEN) Panic on CPU 1:\r\n(XEN) FATAL PAGE FAULT\r\n");
        var trouble = await watcher.TroubleAsync(default);
        Assert.That(trouble?.Kind, Is.EqualTo("Xen panic"));
        Assert.That(trouble?.Excerpt, Does.StartWith("(XEN) ----[ Xen-4.17.5 ]----\n(XEN) RIP:    e008").And.Contain("FATAL PAGE FAULT").And.Not.Contain("of a domain"));
    }

    [Test]
    public async Task What_came_before_a_panic_of_Xen_and_is_not_of_it_stays_out()
    {
        var watcher = new ConsoleWatcher(_log, TimeProvider.System);
        await File.AppendAllTextAsync(_log, "(XEN) ----[ Xen-4.17.5 ]----\n(XEN) RIP: of a domain\ndom0 goes on\n(XEN) Panic on CPU 1:\n");
        Assert.That((await watcher.TroubleAsync(default))?.Excerpt, Does.StartWith("(XEN) Panic on CPU 1:"));
    }

    [Test]
    public async Task Trouble_is_told_once_the_worst_of_it_first()
    {
        var watcher = new ConsoleWatcher(_log, TimeProvider.System);
        await File.AppendAllTextAsync(_log, "WARNING: CPU: 0 PID: 1 at x.c:1\nBUG: unable to handle page fault\n");
        Assert.That(await watcher.TroubleAsync(default), Has.Property("Severity").EqualTo(ConsoleSeverity.Crash));
        Assert.That(await watcher.TroubleAsync(default), Is.Null);
    }

    [Test]
    public async Task A_flood_stays_bounded()
    {
        var watcher = new ConsoleWatcher(_log, TimeProvider.System);
        await File.AppendAllTextAsync(_log, "Oops: 0000\n" + new string('x', 3_000_000) + "\n" + string.Concat(Enumerable.Repeat("line\n", 100_000)));
        var trouble = await watcher.TroubleAsync(default);
        Assert.That(trouble?.Excerpt, Has.Length.LessThan(10_000));
        Assert.That(watcher.Tail(), Has.Length.LessThan(10_000));
    }

    [Test]
    public async Task What_an_earlier_power_on_said_is_not_read()
    {
        await File.AppendAllTextAsync(_log, "Kernel panic - not syncing\n");
        Assert.That(await new ConsoleWatcher(_log, TimeProvider.System, from: new FileInfo(_log).Length).TroubleAsync(default), Is.Null);
    }
}
