namespace HvLab.Reference.Models.Xen;

/// <summary>The sentences that <see cref="SharingModel"/> implements. Paths are those of the Xen source tree, 4.17.</summary>
public static class SharingRules
{
    private const string Header = "tools/include/xenctrl.h";
    private const string Source = "xen/arch/x86/mm/mem_sharing.c";

    public static readonly Rule NoSuchDomain = new("Calls below return ESRCH if the specified domain does not exist.", $"{Header}, Memory sharing operations");
    public static readonly Rule NotEnabled = new("Calls below return EINVAL if sharing has not been enabled for the domain", $"{Header}, Memory sharing operations");
    public static readonly Rule UnshareLazily = new("When sharing for a domain is turned off, the domain may still reference shared pages. Unsharing happens lazily.", $"{Header}, xc_memshr_control");
    public static readonly Rule NotPopulated = new("EINVAL if the gfn is not populated or not sharable (mmio, etc)", $"{Header}, xc_memshr_nominate_gfn");
    public static readonly Rule ReferencedElsewhere = new("E2BIG if the page is being referenced by other subsytems (e.g. qemu)", $"{Header}, xc_memshr_nominate_gfn");
    public static readonly Rule SameHandle = new("If the page has already been selected and is still associated to a valid handle, the existing handle will be returned.", $"{Header}, xc_memshr_nominate_gfn");
    public static readonly Rule HandleInvalidated = new("The hypervisor ensures that if the page is modified, the handle will be invalidated, and future users of it will fail.", $"{Header}, xc_memshr_nominate_gfn");
    public static readonly Rule HandlesVerified = new("The hypervisor will verify the handles are still valid", $"{Header}, xc_memshr_share_gfns");
    public static readonly Rule SourceHandle = new("10 (or -XENMEM_SHARING_OP_S_HANDLE_INVALID) if the handle passed as source is invalid.", $"{Header}, Memory sharing operations");
    public static readonly Rule ClientHandle = new("9 (or -XENMEM_SHARING_OP_C_HANDLE_INVALID) if the handle passed as client is invalid.", $"{Header}, Memory sharing operations");
    public static readonly Rule SameFrame = new("If the call succeeds, both pages will point to the same backing frame (or mfn).", $"{Header}, xc_memshr_share_gfns");
    public static readonly Rule ClientHandleDies = new("After successful sharing, the client handle becomes invalid.", $"{Header}, xc_memshr_share_gfns");
    public static readonly Rule AddToPhysmap = new("Allows to add to the guest physmap of the client domain a shared frame directly.", $"{Header}, xc_memshr_add_to_physmap");
    public static readonly Rule NotSuitable = new("9 (-XENMEM_SHARING_OP_C_HANDLE_INVALID) if the physmap entry for the gfn is not suitable.", $"{Header}, xc_memshr_add_to_physmap");
    public static readonly Rule RangePaused = new("the client should keep the domains paused for the duration of this op.", $"{Source}, mem_sharing_memop, XENMEM_sharing_op_range_share");
    public static readonly Rule RangeSize = new("May fail with -EINVAL if the source and client domain have different memory size", $"{Header}, xc_memshr_range_share");
    public static readonly Rule RangeSkips = new("individual pages may legitimately be unsharable and we just want to skip over those.", $"{Source}, range_share");
    public static readonly Rule Debug = new("return the number of pages referencing the shared frame backing the input argument. Should be one or greater. May fail with EINVAL if there is no backing shared frame for the input argument.", $"{Header}, Debug calls");
    public static readonly Rule AuditClean = new("Returns the number of errors found during auditing otherwise. May be (should be!) zero.", $"{Header}, xc_memshr_audit");
    public static readonly Rule CountersBalance = new("The summation of dominfo(d)->shr_pages for all domains in the system should be equal to xc_sharing_freed_pages + xc_sharing_used_frames", $"{Header}, Stats reporting");
    public static readonly Rule UsedFrames = new("the total number of frames occupied by shared pages on the system. This is independent of the number of domains pointing at these frames.", $"{Header}, xc_sharing_used_frames");
    public static readonly Rule Copy = new("a Copy-on-Write duplicate needs to be allocated", $"{Header}, xc_memshr_ring_enable");
    public static readonly Rule LastOwner = new("Making a page private atomically unlocks it", $"{Source}, __mem_sharing_unshare_page");
    public static readonly Rule NothingCorrupted = new("4.1. return an error 4.2. do not corrupt shared memory 4.3. do not corrupt guest memory", $"{Source}, a note on the rationale for unshare error handling");
    public static readonly Rule EnomemRequest = new("On receipt of a notification, the helper should ensure there is memory available to the domain before retrying.", $"{Header}, xc_memshr_ring_enable");
    public static readonly Rule RingFull = new("we allow the notification to not go to sleep. If the event ring is full of ENOMEM warnings, then it's on the ball.", $"{Source}, a note on the rationale for unshare error handling");
    public static readonly Rule UndoneOnRetry = new("Undo dec of nr_saved_mfns, as the retry will decrease again.", "xen/arch/x86/mm/mem_sharing.c, __mem_sharing_unshare_page");
    public static readonly Rule NoHelperCrashes = new("If a domain encounters an ENOMEM condition when sharing and this ring has not been set up, the hypervisor will crash the domain.", $"{Header}, xc_memshr_ring_enable");
    public static readonly Rule ForeignEnomem = new("Did our attempt to unshare fail? ... return -ENOMEM;", "xen/arch/x86/mm.c, mod_l1_entry");
    public static readonly Rule WritableUnshares = new("Writable mappings disallowed (unshare first!)", "xen/arch/x86/mm.c, get_page_from_l1e");
    public static readonly Rule ReadOnlyStays = new("p2m_query_t q = l1e_get_flags(nl1e) & _PAGE_RW ? P2M_ALLOC | P2M_UNSHARE : P2M_ALLOC;", "xen/arch/x86/mm.c, mod_l1_entry");
    public static readonly Rule MapHole = new("if ( !page ) return -EINVAL;", "xen/arch/x86/mm.c, mod_l1_entry");
    public static readonly Rule RemoveUnshares = new("Unshare the page, bail out on error. We unshare because we might be the only one using this shared page, and we need to trigger proper cleanup.", "xen/common/memory.c, guest_remove_page");
    public static readonly Rule RemoveHole = new("Failed deallocation ... errno = EINVAL;", "tools/libs/ctrl/xc_domain.c, xc_domain_decrease_reservation_exact");
    public static readonly Rule PopulateLimit = new("Failed allocation ... errno = EBUSY;", "tools/libs/ctrl/xc_domain.c, xc_domain_populate_physmap_exact");
    public static readonly Rule RingTwice = new("EINVAL if the sharing ring has already been enabled", $"{Header}, xc_memshr_ring_enable");
    public static readonly Rule RingNotThere = new("May fail with EINVAL if the ring was not enabled in the first place.", $"{Header}, xc_memshr_ring_disable");
    public static readonly Rule RingDisabled = new("Disable the ring for ENOMEM communication.", $"{Header}, xc_memshr_ring_disable");
    public static readonly Rule ResumeWithoutRing = new("if ( unlikely(!vm_event_check_ring(ved)) ) return -ENODEV;", "xen/common/vm_event.c, vm_event_resume");
    public static readonly Rule Kick = new("the tool can notify the hypervisor to re-schedule the faulting vcpu of the domain with an event channel kick and/or this call.", $"{Header}, xc_memshr_domain_resume");
    public static readonly Rule UnpausedTwice = new("return -EINVAL;", "xen/common/domain.c, domain_unpause_by_systemcontroller");
    public static readonly Rule Relinquished = new("If the domain has shared pages, relinquish them allowing for preemption.", "xen/arch/x86/domain.c, domain_relinquish_resources");
    public static readonly Rule LogDirtyTwice = new("if ( paging_mode_log_dirty(d) ) return -EINVAL;", "xen/arch/x86/mm/paging.c, paging_log_dirty_enable");
    public static readonly Rule DirtyWritten = new("Now that the gfn<->mfn map is properly established, marking dirty is feasible", $"{Source}, __mem_sharing_unshare_page");
    public static readonly Rule NotPageable = new("if ( !p2m_is_pageable(p2mt) ) goto out;", "xen/arch/x86/mm/mem_paging.c, nominate");
    public static readonly Rule LoadLimit = new("ret = -ENOMEM; page = alloc_domheap_page(d, 0);", "xen/arch/x86/mm/mem_paging.c, prepare");

    // What this project promises of every hypervisor, and of the words of its own vocabulary.
    public static readonly Rule NobodySees = new("no domain ever sees another's write.", "founding issue, Sharing");
    public static readonly Rule RefusedDoesNothing = new("nothing was done", "Reference/Vocabulary/Xen, SharingAnswer.Refused");
    public static readonly Rule EveryChangeIsLogged = new("Log-dirty bitmap operations.", "xen/include/public/domctl.h; whoever migrates by it needs every page whose content changed");
}
