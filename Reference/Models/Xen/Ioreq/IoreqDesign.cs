namespace HvLab.Reference.Models.Xen.Ioreq;

/// <summary>What becomes of an entry whose recalculation is pending when somebody meets it.</summary>
public enum ResolveRule
{
    /// <summary>RAM, whatever it was.</summary>
    Reset,
    /// <summary>As <see cref="Reset"/>, but an ioreq_server entry stays while any server is mapped.</summary>
    KeepWhileServer,
    /// <summary>Entries of the type that the change was from become the type that it was to; others stay.</summary>
    ByChange,
}

/// <summary>One of the ways to let a page type belong to a server while types change lazily, and log-dirty as well.</summary>
/// <param name="Name">Stable: command line, tables and tests use it.</param>
/// <param name="Source">Where it was proposed, or which code it is.</param>
public sealed record IoreqDesign(string Name, string Summary, Rule Source, ResolveRule Resolve)
{
    /// <summary>A server that maps the type gets EBUSY while entries of the type are there.</summary>
    public bool RefusesServerWhileOutstanding { get; init; }
    /// <summary>Log-dirty gets EBUSY while a server is mapped.</summary>
    public bool RefusesLogDirtyWhileMapped { get; init; }
    /// <summary>Log-dirty gets EBUSY while entries of the type are there.</summary>
    public bool RefusesLogDirtyWhileOutstanding { get; init; }
    /// <summary>Unmapping goes through all entries before it is done.</summary>
    public bool SweepsOnDetach { get; init; }
    /// <summary>A change of all entries first resolves what the one before has left.</summary>
    public bool ResolvesBeforeSecondChange { get; init; }
    /// <summary>Destroying a server unmaps it as if it had asked for it.</summary>
    public bool DestroyDetaches { get; init; } = true;
    /// <summary>Whether recalculated RAM is logged is decided by the last change, whatever it was about.</summary>
    public bool LastChangeDecidesLogging { get; init; }
    /// <summary>A page set back to RAM while log-dirty is on is not logged until the next clean.</summary>
    public bool UnmarkedRamIsNotLogged { get; init; }
    /// <summary>A vCPU that waits for a server when that is destroyed is not woken.</summary>
    public bool DestroyForgetsWaiters { get; init; }
    /// <summary>A server that was disabled still gets the writes of its page type.</summary>
    public bool ForwardsToDisabledServer { get; init; }
    /// <summary>Fetching an instruction from a forwarded page never ends.</summary>
    public bool ForwardedPagesCannotRun { get; init; }
    /// <summary>A clean while log-dirty is off write-protects RAM all the same.</summary>
    public bool CleanProtectsWithoutLogging { get; init; }
    public IoreqDefect Defect { get; init; }

    public override string ToString() => Name;
}
