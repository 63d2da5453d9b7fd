namespace HvLab.Reference.Models.Xen;

/// <summary>Deliberate faults of <see cref="PagingModel"/>: each must be caught by one of <see cref="PagingProperties"/>.</summary>
public enum PagingDefect
{
    None,
    NominateIgnoresMaps,
    EvictIgnoresMaps,
    EvictedStaysReadable,
    LoadKeepsOldContent,
    LoadBeyondLimit,
    FailedLoadCounts,
    PrepareWithoutContent,
    RequestLacksEvictFail,
    SleepsWithoutRequest,
    AskedTwice,
    RingOverflows,
    SleepersStayAsleep,
    SleeperPassedOver,
    ResponseResumesAnother,
    ResponseLosesPage,
    DetachedUnderSleepers,
    SecondPager,
    DropKeepsCount,
    DestructionLeavesSleeper,
}
