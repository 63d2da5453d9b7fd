using HvLab.Reference.Models.Kvm;

namespace HvLab.Reference.Tests.Kvm;

/// <summary>The properties are worth something: each deliberate fault of the model breaks one of them.</summary>
public sealed class AsyncPfDefectTests
{
    [TestCase(AsyncPfDefect.ZeroToken, "token-is-a-token")]
    [TestCase(AsyncPfDefect.TokenReused, "token-is-not-outstanding")]
    [TestCase(AsyncPfDefect.ReadyIgnoresSlot, "ready-needs-a-free-slot")]
    [TestCase(AsyncPfDefect.ReadyLostBehindAnother, "nothing-told-is-forgotten")]
    [TestCase(AsyncPfDefect.ReadyTwice, "ready-comes-once")]
    [TestCase(AsyncPfDefect.ReadyBeforePage, "ready-names-what-arrived")]
    [TestCase(AsyncPfDefect.SendAlwaysIgnored, "kernel-is-told-only-with-send-always")]
    [TestCase(AsyncPfDefect.BoundOffByOne, "outstanding-within-the-bound")]
    [TestCase(AsyncPfDefect.MaskedFaultIsAsynchronous, "masked-fault-is-synchronous")]
    [TestCase(AsyncPfDefect.ReservedBitsAccepted, "reserved-bits-fault")]
    [TestCase(AsyncPfDefect.FaultingWriteChangesMsr, "faulting-write-changes-nothing")]
    [TestCase(AsyncPfDefect.BroadcastLost, "enabling-owes-the-broadcast")]
    [TestCase(AsyncPfDefect.DisabledStillDelivers, "disabling-cancels-everything")]
    [TestCase(AsyncPfDefect.LapicOffDelivers, "ready-needs-the-lapic")]
    [TestCase(AsyncPfDefect.DestroyedWithWorker, "destroyed-only-without-workers")]
    public void A_deliberate_fault_is_caught_by(AsyncPfDefect defect, string property)
    {
        var found = Exploration.All.Select(make => make(defect).FirstViolation()).FirstOrDefault(violation => violation is not null);
        Assert.That(found?.Broken.Name, Is.EqualTo(property), $"broken by {found?.Step}");
    }

    [Test]
    public void Every_deliberate_fault_is_in_the_table()
    {
        var table = typeof(AsyncPfDefectTests).GetMethod(nameof(A_deliberate_fault_is_caught_by))!
            .GetCustomAttributes(typeof(TestCaseAttribute), inherit: false).Cast<TestCaseAttribute>().Select(row => row.Arguments[0]);
        Assert.That(table, Is.EquivalentTo(Enum.GetValues<AsyncPfDefect>().Except([AsyncPfDefect.None])));
    }
}
