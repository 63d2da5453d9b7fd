namespace HvLab.Reference.Models.Xen.Ioreq;

/// <summary>The designs that the discussion of 2016 weighed, and what Xen does today.</summary>
public static class IoreqDesigns
{
    private const string Thread = "xen-devel, 2016-06-23, Re: [PATCH v4 3/3] x86/ioreq server: Add HVMOP to map guest ram with p2m_ioreq_server";

    /// <summary>What is documented and what scenarios are judged by.</summary>
    public static readonly IoreqDesign SweepOnDetach = new("sweep-on-detach",
        "Unmapping resets every entry before it returns; until then a new server and log-dirty are refused.",
        new("Having Xen reset the entries just makes this entire problem go away", Thread), ResolveRule.KeepWhileServer)
    {
        RefusesServerWhileOutstanding = true, RefusesLogDirtyWhileOutstanding = true, SweepsOnDetach = true,
    };

    /// <summary>The code of 4.17 and 4.20, line by line.</summary>
    public static readonly IoreqDesign Xen = SweepOnDetach with
    {
        Name = "xen-4.17",
        Summary = "As sweep-on-detach, but destroying a server leaves its entries, and the sweep's change also decides whether RAM is logged.",
        Source = new("p2m->global_logdirty = (nt == p2m_ram_logdirty);", "xen/arch/x86/mm/p2m.c, change_entry_type_global"),
        DestroyDetaches = false, LastChangeDecidesLogging = true, UnmarkedRamIsNotLogged = true,
        DestroyForgetsWaiters = true, ForwardsToDisabledServer = true, ForwardedPagesCannotRun = true, CleanProtectsWithoutLogging = true,
    };

    public static readonly IoreqDesign ResolveBeforeSecondChange = new("resolve-before-second-change",
        "Changes are lazy, and a second one first resolves every entry that the first has left.",
        new("when someone calls change_entry_type_global() a second time, you go through every misconfigured entry and resolve it, so that the new change_entry_type_global() starts with a clean slate", Thread),
        ResolveRule.ByChange) { ResolvesBeforeSecondChange = true };

    public static readonly IoreqDesign RefuseNewServer = new("refuse-new-server",
        "Unmapping is lazy; a new server gets EBUSY until every entry of the old one was met.",
        new("Having it impossible to connect ioreq server B if there are still outstanding entries from ioreq server A is the equivalent of digging a hole and then putting up a barrier.", Thread),
        ResolveRule.KeepWhileServer) { RefusesServerWhileOutstanding = true };

    public static readonly IoreqDesign RefuseLogDirtyWhileMapped = new("refuse-log-dirty-while-mapped",
        "Entries are reset lazily; log-dirty gets EBUSY while a server is mapped.",
        new("I think that Xen should refuse to enable logdirty mode when there is an ioreq server registered for ioreq_server p2m entries", Thread),
        ResolveRule.Reset) { RefusesLogDirtyWhileMapped = true };

    public static readonly IoreqDesign RefuseLogDirtyWhileOutstanding = new("refuse-log-dirty-while-outstanding",
        "Entries are reset lazily; log-dirty gets EBUSY while entries are outstanding.",
        new("Refuse to turn on global log-dirty mode if there are outstanding p2m_ioreq_server pages.", "xen/arch/x86/mm/hap/hap.c, hap_enable_log_dirty, alone"),
        ResolveRule.Reset) { RefusesLogDirtyWhileOutstanding = true };

    public static readonly IoreqDesign LazyReset = new("lazy-reset",
        "No barrier; a pending entry becomes RAM, whoever it belongs to.",
        new("resolve_misconfig() would set gfn X back to p2m_ram_rw, thereafter we can not track access to X", Thread), ResolveRule.Reset);

    public static readonly IoreqDesign LazyKeep = new("lazy-keep",
        "No barrier; a pending entry stays forwarded while any server is mapped.",
        new("Not resetting the p2m type for p2m_ioreq_server when p2m->ioreq_server is not NULL is suitable for this simpler scenario, but is not correct if take your scenario into account.", Thread),
        ResolveRule.KeepWhileServer);

    public static readonly IoreqDesign SweepWithoutBarrier = SweepOnDetach with
    {
        Name = "sweep-without-barrier",
        Summary = "Unmapping sweeps, and another server may map the type in the middle of it.",
        Source = new("It is possible that an ioreq server has just been unmapped, released the spin lock, with some p2m_ioreq_server entries in p2m table remained.", "xen/arch/x86/mm/p2m.c, p2m_set_ioreq_server"),
        RefusesServerWhileOutstanding = false,
    };

    public static IReadOnlyList<IoreqDesign> All { get; } =
    [
        SweepOnDetach, Xen, ResolveBeforeSecondChange, RefuseNewServer, RefuseLogDirtyWhileMapped, RefuseLogDirtyWhileOutstanding,
        LazyReset, LazyKeep, SweepWithoutBarrier,
    ];

    /// <summary>A sound design with one deliberate fault.</summary>
    public static IoreqDesign With(IoreqDefect defect) =>
        (defect == IoreqDefect.SetSkipsResolution ? ResolveBeforeSecondChange : SweepOnDetach) with { Name = NameOf(defect), Defect = defect };

    /// <summary>"SweepStopsEarly" as "sweep-stops-early".</summary>
    public static string NameOf(IoreqDefect defect) =>
        string.Concat($"{defect}".Select((letter, at) => char.IsUpper(letter) ? $"{(at == 0 ? "" : "-")}{char.ToLowerInvariant(letter)}" : $"{letter}"));
}
