namespace HvLab.Reference.Models.Xen;

/// <summary>Deliberate faults of <see cref="P2mMachine"/>: each must be caught by one of the properties of <see cref="IoreqLogdirtyModel"/>.</summary>
public enum IoreqDefect
{
    None,
    /// <summary>Resolving an entry clears its mark and changes nothing.</summary>
    FinishChangesNothing,
    /// <summary>The sweep takes the return value 1 ("changed") for an error and stops.</summary>
    SweepStopsEarly,
    /// <summary>Unmapping starts no change of the entries.</summary>
    EntriesLeftAfterDetach,
    /// <summary>A write to a forwarded page goes to memory.</summary>
    WriteLandsInRam,
    /// <summary>A second server is accepted with entries outstanding.</summary>
    SecondServerAccepted,
    /// <summary>Log-dirty is accepted with entries outstanding.</summary>
    LogDirtyAccepted,
    /// <summary>Cleaning forgets to write-protect what was dirty.</summary>
    CleanProtectsNothing,
    /// <summary>The first write to a log-dirty page is let through and not logged.</summary>
    DirtyBitLost,
    /// <summary>Any server may unmap the type.</summary>
    StrangerDetaches,
    /// <summary>A forwarded write goes to the server that had the type last.</summary>
    ForwardedToTheWrongServer,
    /// <summary>Setting an entry does not carry out its pending change first.</summary>
    SetSkipsResolution,
    /// <summary>Cleaning resolves forwarded pages to log-dirty RAM.</summary>
    CleanTakesForwardedPages,
}
