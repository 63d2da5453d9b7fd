using HvLab.Reference.Models.Xen;

namespace HvLab.Reference.Tests.Xen;

/// <summary>The properties are worth something: each deliberate fault of the model breaks one of them.</summary>
public sealed class SharingDefectTests
{
    [TestCase(SharingDefect.BreakDoesNotCopy, "nobody-sees-anothers-write")]
    [TestCase(SharingDefect.CopyIsPartial, "only-the-written-word-changes")]
    [TestCase(SharingDefect.StaleHandleAccepted, "adding-needs-a-current-handle")]
    [TestCase(SharingDefect.HandleSurvivesWrite, "written-page-has-no-handle")]
    [TestCase(SharingDefect.ReferenceNotDropped, "references-equal-sharers")]
    [TestCase(SharingDefect.FreedNotTakenBack, "counters-balance")]
    [TestCase(SharingDefect.UsedNotTakenBack, "used-counts-shared-frames")]
    [TestCase(SharingDefect.ReadOnlyMapUnshares, "reading-keeps-it-shared")]
    [TestCase(SharingDefect.WritableMapLeavesShared, "writable-map-is-of-a-private-frame")]
    [TestCase(SharingDefect.LimitIgnored, "copies-stay-within-the-limit")]
    [TestCase(SharingDefect.FailedBreakWritesThrough, "nobody-sees-anothers-write")]
    [TestCase(SharingDefect.NoHelperWaits, "enomem-without-helper-crashes")]
    [TestCase(SharingDefect.RequestLost, "paused-vcpu-has-a-request")]
    [TestCase(SharingDefect.RangeIgnoresPause, "range-needs-paused-domains")]
    [TestCase(SharingDefect.DestroyKeepsReferences, "gone-domain-shares-nothing")]
    [TestCase(SharingDefect.BreakIsNotLogged, "changed-content-is-dirty")]
    [TestCase(SharingDefect.SharedPageIsPagedOut, "shared-page-is-not-paged-out")]
    public void A_deliberate_fault_is_caught_by(SharingDefect defect, string property)
    {
        var found = SharingExploration.All.Select(make => make(defect).FirstViolation()).FirstOrDefault(violation => violation is not null);
        Assert.That(found?.Broken.Name, Is.EqualTo(property), $"broken by {found?.Step.Operation}: {found?.Step.Seen}");
    }

    [Test]
    public void Every_deliberate_fault_is_in_the_table()
    {
        var table = typeof(SharingDefectTests).GetMethod(nameof(A_deliberate_fault_is_caught_by))!
            .GetCustomAttributes(typeof(TestCaseAttribute), inherit: false).Cast<TestCaseAttribute>().Select(row => row.Arguments[0]);
        Assert.That(table, Is.EquivalentTo(Enum.GetValues<SharingDefect>().Except([SharingDefect.None])));
    }
}
