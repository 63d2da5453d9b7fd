using HvLab.Reference.Models.Xen;

namespace HvLab.Reference.Tests.Xen;

/// <summary>The properties are worth something: each deliberate fault of the model breaks one of them.</summary>
public sealed class PagingDefectTests
{
    [TestCase(PagingDefect.NominateIgnoresMaps, "nominated-only-unmapped")]
    [TestCase(PagingDefect.EvictIgnoresMaps, "who-is-mapped-is-there")]
    [TestCase(PagingDefect.EvictedStaysReadable, "who-is-away-is-not-accessed")]
    [TestCase(PagingDefect.LoadKeepsOldContent, "load-brings-its-content")]
    [TestCase(PagingDefect.LoadBeyondLimit, "no-page-beyond-the-limit")]
    [TestCase(PagingDefect.FailedLoadCounts, "the-count-is-of-pages-that-are-away")]
    [TestCase(PagingDefect.PrepareWithoutContent, "content-comes-from-somewhere")]
    [TestCase(PagingDefect.RequestLacksEvictFail, "evict-fail-is-told")]
    [TestCase(PagingDefect.SleepsWithoutRequest, "who-sleeps-has-asked")]
    [TestCase(PagingDefect.AskedTwice, "what-is-on-its-way-is-not-asked-for-again")]
    [TestCase(PagingDefect.RingOverflows, "the-ring-never-overflows")]
    [TestCase(PagingDefect.SleepersStayAsleep, "a-free-slot-wakes-a-sleeper")]
    [TestCase(PagingDefect.SleeperPassedOver, "sleepers-wake-in-order")]
    [TestCase(PagingDefect.ResponseResumesAnother, "only-the-named-resumes")]
    [TestCase(PagingDefect.ResponseLosesPage, "an-answer-brings-back-what-never-left")]
    [TestCase(PagingDefect.DetachedUnderSleepers, "the-ring-outlives-its-sleepers")]
    [TestCase(PagingDefect.SecondPager, "one-pager")]
    [TestCase(PagingDefect.DropKeepsCount, "the-count-is-of-pages-that-are-away")]
    [TestCase(PagingDefect.DestructionLeavesSleeper, "destruction-leaves-nobody")]
    public void A_deliberate_fault_is_caught_by(PagingDefect defect, string property)
    {
        var found = PagingExploration.All.Select(make => make(defect).FirstViolation()).FirstOrDefault(violation => violation is not null);
        Assert.That(found?.Broken.Name, Is.EqualTo(property), $"broken by {found?.Step}");
    }

    [Test]
    public void Every_deliberate_fault_is_in_the_table()
    {
        var table = typeof(PagingDefectTests).GetMethod(nameof(A_deliberate_fault_is_caught_by))!
            .GetCustomAttributes(typeof(TestCaseAttribute), inherit: false).Cast<TestCaseAttribute>().Select(row => row.Arguments[0]);
        Assert.That(table, Is.EquivalentTo(Enum.GetValues<PagingDefect>().Except([PagingDefect.None])));
    }
}
