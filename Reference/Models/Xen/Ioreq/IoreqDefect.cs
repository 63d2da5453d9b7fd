namespace HvLab.Reference.Models.Xen.Ioreq;

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

/// <summary>The faults in words, each with the code that it would be in.</summary>
internal static class IoreqDefects
{
    public static string SummaryOf(IoreqDefect defect) => defect switch
    {
        IoreqDefect.FinishChangesNothing => "Resolving an entry clears its mark and changes nothing.",
        IoreqDefect.SweepStopsEarly => "The sweep takes 'changed' for an error and stops after one entry.",
        IoreqDefect.EntriesLeftAfterDetach => "Unmapping starts no change of the entries.",
        IoreqDefect.WriteLandsInRam => "A write to a forwarded page goes to memory.",
        IoreqDefect.SecondServerAccepted => "A second server is accepted with entries outstanding.",
        IoreqDefect.LogDirtyAccepted => "Log-dirty is accepted with entries outstanding.",
        IoreqDefect.CleanProtectsNothing => "Cleaning forgets to write-protect what was dirty.",
        IoreqDefect.DirtyBitLost => "The first write to a log-dirty page is let through and not logged.",
        IoreqDefect.StrangerDetaches => "Any server may unmap the type.",
        IoreqDefect.ForwardedToTheWrongServer => "A forwarded write goes to the other server.",
        IoreqDefect.SetSkipsResolution => "Setting an entry does not carry out its pending change first.",
        IoreqDefect.CleanTakesForwardedPages => "Cleaning resolves forwarded pages to log-dirty RAM.",
        _ => throw new ArgumentOutOfRangeException(nameof(defect), defect, "This is no fault."),
    };

    public static Rule SourceOf(IoreqDefect defect) => defect switch
    {
        IoreqDefect.FinishChangesNothing => new("nt = p2m_recalc_type_range(true, ot, p2m, gfn & mask, gfn | ~mask);", "xen/arch/x86/mm/p2m-pt.c, do_recalc"),
        IoreqDefect.SweepStopsEarly => new("If rc is 1 we need to have it 0 for success.", "xen/arch/x86/mm/p2m.c, finish_type_change"),
        IoreqDefect.EntriesLeftAfterDetach => new("p2m_change_entry_type_global(d, p2m_ioreq_server, p2m_ram_rw);", "xen/arch/x86/hvm/ioreq.c, arch_ioreq_server_map_mem_type_completed"),
        IoreqDefect.WriteLandsInRam => new("if ( p2m->ioreq.flags & XEN_DMOP_IOREQ_MEM_ACCESS_WRITE ) return flags & ~_PAGE_RW;", "xen/arch/x86/mm/p2m-pt.c, p2m_type_to_flags"),
        IoreqDefect.SecondServerAccepted => new("We shall refuse another ioreq server mapping request in such case.", "xen/arch/x86/mm/p2m.c, p2m_set_ioreq_server"),
        IoreqDefect.LogDirtyAccepted => new("if ( log_global && read_atomic(&p2m->ioreq.entry_count) ) return -EBUSY;", "xen/arch/x86/mm/hap/hap.c, hap_enable_log_dirty"),
        IoreqDefect.CleanProtectsNothing => new("p2m_change_entry_type_global(d, p2m_ram_rw, p2m_ram_logdirty);", "xen/arch/x86/mm/hap/hap.c, hap_clean_dirty_bitmap"),
        IoreqDefect.DirtyBitLost => new("paging_mark_pfn_dirty(currd, _pfn(gfn));", "xen/arch/x86/hvm/hvm.c, hvm_hap_nested_page_fault"),
        IoreqDefect.StrangerDetaches => new("if ( p2m->ioreq.server != s ) goto out;", "xen/arch/x86/mm/p2m.c, p2m_set_ioreq_server"),
        IoreqDefect.ForwardedToTheWrongServer => new("s = p2m->ioreq.server;", "xen/arch/x86/mm/p2m.c, p2m_get_ioreq_server"),
        IoreqDefect.SetSkipsResolution => new("Carry out any eventually pending earlier changes first.", "xen/arch/x86/mm/p2m-pt.c, p2m_pt_set_entry"),
        IoreqDefect.CleanTakesForwardedPages => new("if ( t == p2m_ioreq_server && p2m->ioreq.server != NULL ) return t;", "xen/arch/x86/include/asm/p2m.h, p2m_recalc_type_range"),
        _ => throw new ArgumentOutOfRangeException(nameof(defect), defect, "This is no fault."),
    };
}
