using System.Diagnostics;
using HvLab.Harness.Drivers.Console;
using HvLab.Harness.Drivers.Processes;
using HvLab.Harness.Lab;
using HvLab.Harness.Provisioning.Boxes;

namespace HvLab.Lab.Tests.Boxes;

[Category("Lab")]
[NonParallelizable]
internal sealed class BoxTests
{
    [Test]
    public async Task A_cold_box_leaves_a_verified_snapshot_and_the_next_one_is_restored_from_it()
    {
        using var lab = new BoxFixture();
        await using (var cold = await lab.ProvisionAsync())
        {
            Assert.That(cold.IsRestored, Is.False);
            Assert.That(cold.Facts.Kernel, Does.Match(@"^\d+\.\d+"));
            Assert.That(cold.Facts, Has.Property("Platform").EqualTo("tcg").And.Property("KvmModule").EqualTo("kvm_amd")
                .And.Property("NestedPaging").EqualTo("NPT").And.Property("Cpus").EqualTo(2));
            Assert.That(lab.Snapshots, Has.All.Contains(".staging-"), "nothing is published before it was verified");
        }
        Assert.That(lab.Snapshots, Has.Count.EqualTo(1).And.None.Contains(".staging-"));
        await using var warm = await lab.ProvisionAsync();
        Assert.That(warm.IsRestored);
        await using var probe = await warm.StartProbeAsync(["hello"], default);
        using var reader = new StreamReader(probe.StandardOutput);
        Assert.That(await reader.ReadLineAsync(), Is.EqualTo("probe hello"));
        probe.StandardInput.Close();
        Assert.That(await probe.Exited, Is.Zero);
    }

    [Test]
    public async Task A_restored_box_has_the_right_time_and_fresh_randomness()
    {
        using var lab = new BoxFixture();
        await (await lab.ProvisionAsync()).DisposeAsync();
        var seen = new HashSet<string>();
        for (var life = 0; life < 2; life++)
        {
            await using var host = await lab.ProvisionAsync();
            Assert.That(host.IsRestored);
            var answer = await host.Ssh.RequireAsync(["sh", "-c", "date +%s; dd if=/dev/urandom bs=16 count=1 2>/dev/null | sha256sum; dmesg | grep reseeded"], default);
            var lines = answer.Output.Split('\n');
            Assert.That(long.Parse(lines[0]), Is.EqualTo(DateTimeOffset.UtcNow.ToUnixTimeSeconds()).Within(10));
            Assert.That(seen.Add(lines[1]), "two lives of one snapshot draw different numbers");
            Assert.That(answer.Output, Does.Contain("virtual machine fork"));
        }
    }

    [Test]
    public async Task Two_runs_at_once_both_work_and_publish_one_snapshot()
    {
        using var lab = new BoxFixture();
        using var other = new BoxFixture(Path.Combine(lab.Home, "other")) { Cache = lab.Paths.Cache };
        await Task.WhenAll(RunAsync(lab), RunAsync(other));
        Assert.That(lab.Snapshots, Has.Count.EqualTo(1));

        static async Task RunAsync(BoxFixture run)
        {
            await using var host = await run.ProvisionAsync();
            await host.Ssh.RequireAsync(["true"], default);
        }
    }

    [Test]
    public async Task A_damaged_snapshot_is_dropped_and_the_box_boots_cold()
    {
        using var lab = new BoxFixture();
        await (await lab.ProvisionAsync()).DisposeAsync();
        var memory = Directory.GetFiles(lab.Snapshots[0], "memory.qemu")[0];
        var modified = File.GetLastWriteTimeUtc(memory);
        await using (var file = File.OpenWrite(memory))
            await file.WriteAsync(new byte[4096]);
        File.SetLastWriteTimeUtc(memory, modified);

        await using (var host = await lab.ProvisionAsync())
            Assert.That(host.IsRestored, Is.False);
        Assert.That(lab.Snapshots, Has.Count.EqualTo(1), "and a new one takes its place");
        await using var again = await lab.ProvisionAsync();
        Assert.That(again.IsRestored);
    }

    [Test]
    public async Task A_crash_of_the_kernel_is_diagnosed_and_a_power_cycle_brings_the_box_back()
    {
        using var lab = new BoxFixture();
        await (await lab.ProvisionAsync()).DisposeAsync();
        await using var host = await lab.ProvisionAsync();
        await host.Ssh.RequireAsync(["true"], default);
        Assert.That(await host.DiagnoseAsync(), Is.Null);
        await Assert.ThrowsAsync<LabException>(() => host.Ssh.RequireAsync(["sh", "-c", "echo c > /proc/sysrq-trigger; sleep 60"], default));
        var trouble = await host.DiagnoseAsync();
        Assert.That(trouble?.Severity, Is.EqualTo(ConsoleSeverity.Fatal));
        Assert.That(trouble?.Excerpt, Does.Contain("sysrq triggered crash"));
        await host.PowerCycleAsync(default);
        Assert.That(await host.DiagnoseAsync(), Is.Null);
        await host.Ssh.RequireAsync(["true"], default);
    }

    [Test]
    public async Task Another_host_key_than_the_pinned_one_is_refused()
    {
        using var lab = new BoxFixture { Release = new() { Name = "own", Hypervisor = "kvm", KernelPackage = "", ImagePackages = [], Modules = [], Kernel = "/own" } };
        var other = Path.Combine(lab.RunDirectory, "known_hosts");
        await File.WriteAllTextAsync(other, "hvlab-box ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBpZKsMNTUrmpBXLBSpkvNrZbHnAjtR4VmyC5BNqSbKB\n");
        await using var host = await lab.ProvisionAsync(change: boot => boot with { KnownHosts = other });
        var refused = await Assert.ThrowsAsync<LabException>(() => host.StartProbeAsync([], default));
        Assert.That(refused?.Reason, Is.EqualTo(LabFault.Ssh));
        Assert.That(refused?.Message, Does.Contain("another host key"));
        Assert.That(lab.Snapshots, Is.Empty, "a developer's own kernel pays for no snapshot");
    }

    [Test]
    public async Task A_kernel_that_panics_while_booting_is_quoted()
    {
        using var lab = new BoxFixture();
        var crash = await Assert.ThrowsAsync<LabException>(() => lab.ProvisionAsync(change: boot => boot with { CommandLine = boot.CommandLine + " rdinit=/nothing root=/dev/nothing" }));
        Assert.That(crash?.Reason, Is.EqualTo(LabFault.HostCrash));
        Assert.That(crash?.Evidence, Does.Contain("Kernel panic - not syncing"));
    }

    [Test]
    public async Task An_emulator_that_ends_at_once_is_quoted()
    {
        using var lab = new BoxFixture();
        var ended = await Assert.ThrowsAsync<LabException>(() => lab.ProvisionAsync(change: boot => boot with { Kernel = "/nowhere/vmlinux" }));
        Assert.That(ended?.Reason, Is.EqualTo(LabFault.Power));
        Assert.That(ended?.Evidence, Does.Contain("/nowhere/vmlinux"));
    }

    [Test]
    public async Task Killing_a_remote_process_leaves_nothing_of_it_on_the_host()
    {
        using var lab = new BoxFixture();
        await using var host = await lab.ProvisionAsync();
        var process = await host.Ssh.StartAsync(["sleep", "12345"], default);
        await process.DisposeAsync();
        var left = await host.Ssh.RunAsync(["sh", "-c", "ps | grep '[1]2345'"], default);
        Assert.That(left.Output, Is.Empty);
    }

    [Test]
    public async Task Kill_9_of_the_harness_takes_the_box_along_and_the_next_run_works()
    {
        using var lab = new BoxFixture();
        using var child = Process.Start(new ProcessStartInfo("dotnet", ["exec", typeof(ChildHarness).Assembly.Location, lab.Home]) { RedirectStandardOutput = true })!;
        var qemu = ProcessIdentity.Of(int.Parse(await child.StandardOutput.ReadLineAsync() ?? "0"));
        Assert.That(qemu?.IsAlive, Is.True);
        child.Kill();
        await child.WaitForExitAsync();
        Assert.That(() => qemu!.IsAlive, Is.False.After(2000, 10));
        Assert.That(lab.Snapshots, Has.Exactly(1).Contains(".staging-"), "the kill came before the snapshot was verified");

        await using var host = await lab.ProvisionAsync();
        Assert.That(lab.Snapshots.Where(path => path.Contains($".staging-{child.Id}-")), Is.Empty, "what the killed run left is swept");
        await host.Ssh.RequireAsync(["true"], default);
    }

    [Test]
    public async Task A_kept_box_is_found_again_joined_and_taken_down()
    {
        using var lab = new BoxFixture();
        await (await lab.ProvisionAsync(keep: true)).DisposeAsync();
        var record = await lab.Kept.StatusAsync("test-box", default);
        try
        {
            Assert.That(record?.Process.IsAlive, Is.True);
            var again = await Assert.ThrowsAsync<LabException>(() => lab.ProvisionAsync(keep: true));
            Assert.That(again?.Message, Does.Contain("already up"));
            var ssh = lab.Kept.SshCommand(record!, ["uname", "-r"]);
            var answer = await Command.RunAsync(ssh[0], [.. ssh.Skip(1)], default);
            Assert.That(answer.Output, Does.Match(@"^\d+\.\d+"));
            // Nobody reads there but the terminal's own echo, which is enough to see both directions.
            using var output = new MemoryStream();
            await ConsoleJoin.RunAsync(record!.SerialSocket!, new SlowKeys("\rjoined\r"), output, default);
            Assert.That(System.Text.Encoding.UTF8.GetString(output.ToArray()), Does.Contain("joined"));
            Assert.That(await File.ReadAllTextAsync(record.ConsoleLog), Does.Contain("joined"), "the recorder goes on beside the user");
        }
        finally
        {
            Assert.That(await lab.Kept.DownAsync("test-box", default));
        }
        Assert.That(record!.Process.IsAlive, Is.False);
        Assert.That(Directory.Exists(record.Sockets), Is.False);
        Assert.That(await lab.Kept.StatusAsync("test-box", default), Is.Null);
    }

    [Test]
    public async Task A_bare_boot_ends_by_the_guests_own_power_off()
    {
        var time = await BareBoot.MeasureAsync(new() { Name = "bare", Type = "qemu" }, await BoxFixture.BootAsync(), new(), TimeProvider.System, default);
        TestContext.Out.WriteLine($"ready {time.Ready.TotalSeconds:0.00} s, off {time.Off.TotalSeconds:0.00} s");
        Assert.That(time.Off, Is.GreaterThan(time.Ready));
    }

    /// <summary>A user who waits for each answer, and then for Ctrl-].</summary>
    private sealed class SlowKeys(string keys) : Stream
    {
        private int _next;
        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => false;
        public override long Length => throw new NotSupportedException();
        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }
        public override void Flush() { }
        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();
        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await Task.Delay(_next < keys.Length ? 30 : 1500, cancellationToken);
            buffer.Span[0] = _next < keys.Length ? (byte)keys[_next++] : ConsoleJoin.LeaveKey;
            return 1;
        }
    }
}
