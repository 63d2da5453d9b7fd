using HvLab.Harness.Drivers.Processes;
using HvLab.Harness.Lab;

namespace HvLab.Harness.Tests.Boxes;

internal sealed class ProcessTests
{
    [Test]
    public void A_recycled_process_id_is_another_process()
    {
        Assert.That(ProcessIdentity.Self.IsAlive);
        var other = ProcessIdentity.Self with { StartTicks = 1 };
        Assert.That(other.IsAlive, Is.False);
        Assert.That(other.Kill(), Is.False, "or this test would not go on");
    }

    [Test]
    public async Task A_bound_child_carries_its_death_signal_and_dies_when_told()
    {
        ProcessIdentity? identity;
        await using (var child = await BoundChild.StartAsync(ChildLife.WithHarness, "sleep", ["1000"]))
        {
            identity = ProcessIdentity.Of(child.Pid);
            Assert.That(identity?.IsAlive, Is.True);
        }
        Assert.That(identity?.IsAlive, Is.False);
    }

    [Test]
    public async Task A_stopped_process_is_told_from_one_that_runs()
    {
        await using var child = await BoundChild.StartAsync(ChildLife.WithHarness, "sleep", ["1000"]);
        Assert.That(ProcessIdentity.IsStopped(child.Pid), Is.False);
        await Command.RunAsync("kill", ["-STOP", $"{child.Pid}"], CancellationToken.None);
        Assert.That(() => ProcessIdentity.IsStopped(child.Pid), Is.True.After(5000, 10));
        Assert.That(ProcessIdentity.IsStopped(int.MaxValue), Is.False, "none such");
    }

    [Test]
    public async Task A_missing_program_is_named()
    {
        var missing = await Assert.ThrowsAsync<LabException>(() => BoundChild.StartAsync(ChildLife.WithHarness, "no-such-emulator", []));
        Assert.That(missing?.Reason, Is.EqualTo(LabFault.MissingTool));
        Assert.That(missing?.Message, Does.Contain("no-such-emulator").And.Contain("doctor"));
    }

    [Test]
    [System.Runtime.Versioning.SupportedOSPlatform("linux")]
    public void A_private_directory_of_a_dead_owner_is_swept_and_that_of_a_live_one_stays()
    {
        using var mine = PrivateDirectory.Create();
        using var dead = PrivateDirectory.Create();
        dead.BelongTo(ProcessIdentity.Self with { StartTicks = 1 });
        PrivateDirectory.Sweep();
        Assert.That(Directory.Exists(mine.FullPath));
        Assert.That(Directory.Exists(dead.FullPath), Is.False);
        Assert.That(File.GetUnixFileMode(mine.FullPath), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute));
    }

    [Test]
    public async Task Standard_error_stays_bounded()
    {
        var tail = new TailText(100);
        await tail.DrainAsync(new StringReader(new string('a', 1_000_000) + "end"));
        Assert.That(tail.ToString(), Has.Length.EqualTo(100).And.EndsWith("end"));
    }
}
