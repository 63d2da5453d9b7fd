namespace HvLab.Reference.Models.Xen;

/// <summary>Deliberate faults of <see cref="SharingModel"/>: each must be caught by one of <see cref="SharingProperties"/>.</summary>
public enum SharingDefect
{
    None,
    BreakDoesNotCopy,
    CopyIsPartial,
    StaleHandleAccepted,
    HandleSurvivesWrite,
    ReferenceNotDropped,
    FreedNotTakenBack,
    UsedNotTakenBack,
    ReadOnlyMapUnshares,
    WritableMapLeavesShared,
    LimitIgnored,
    FailedBreakWritesThrough,
    NoHelperWaits,
    RequestLost,
    RangeIgnoresPause,
    DestroyKeepsReferences,
    BreakIsNotLogged,
    SharedPageIsPagedOut,
}
