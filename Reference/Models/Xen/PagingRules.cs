namespace HvLab.Reference.Models.Xen;

/// <summary>The sentences that <see cref="PagingModel"/> implements. Paths are those of Xen's source tree, 4.17.</summary>
public static class PagingRules
{
    private const string MemPaging = "xen/arch/x86/mm/mem_paging.c";
    private const string VmEvent = "xen/common/vm_event.c";
    private const string Seed = "xen-devel 2012-11-07, Andres Lagar-Cavilla, Wait Queues";

    public static readonly Rule OneAgent = new("Only one connected agent at a time. If the helper crashed, the ring is in an undefined state, and the guest is most likely unrecoverable.", $"{VmEvent}, vm_event_enable");
    public static readonly Rule NeedsRing = new("rc = -ENODEV; if ( unlikely(!vm_event_check_ring(d->vm_event_paging)) ) goto out;", $"{MemPaging}, mem_paging_memop");
    public static readonly Rule SleepersKeepRing = new("if ( !list_empty(&ved->wq.list) ) { spin_unlock(&ved->lock); return -EBUSY; }", $"{VmEvent}, vm_event_disable");
    public static readonly Rule Nominate = new("the gfn is backed by a mfn; the p2mt of the gfn is pageable; the mfn is not used for IO; the mfn has exactly one user and has no special meaning", $"{MemPaging}, nominate");
    public static readonly Rule EvictNeedsNomination = new("the gfn was nominated; the mfn has still exactly one user and has no special meaning", $"{MemPaging}, evict");
    public static readonly Rule EvictMapped = new("After successful nomination some other process could have mapped the page. In this case eviction can not be done.", $"{MemPaging}, evict");
    public static readonly Rule EvictPopulated = new("If the gfn was populated before the pager could evict it, eviction can not be done either. In this case the gfn is still backed by a mfn.", $"{MemPaging}, evict");
    public static readonly Rule PrepareAllocates = new("prepare() will allocate a new page for the guest if the gfn is not backed by a mfn.", $"{MemPaging}, prepare");
    public static readonly Rule PrepareForwards = new("The gfn may already have a mfn if populate was called for gfn which was nominated but not evicted. In this case only the p2mt needs to be forwarded.", $"{MemPaging}, prepare");
    public static readonly Rule PrepareMissing = new("Allow missing pages", $"{MemPaging}, prepare, behind 'ret = -ENOENT;'");
    public static readonly Rule PrepareNeedsBuffer = new("If the user did not provide a buffer, we disallow", $"{MemPaging}, prepare");
    public static readonly Rule PageInFails = new("Note that paging in may also fail due to lack of memory.", Seed);
    public static readonly Rule Accessible = new("Make the page already guest-accessible. If the pager still has a pending resume operation, it will be idempotent p2m entry-wise, but will unpause the vcpu.", $"{MemPaging}, prepare");

    public static readonly Rule Populate = new("p2m_mem_paging_populate() will notify the pager that a page in any of the paging states needs to be written back into the guest.", $"{MemPaging}, p2m_mem_paging_populate");
    public static readonly Rule Stopped = new("If the vcpu belongs to the guest, the vcpu must be stopped and the pager notified that the vcpu was stopped.", $"{MemPaging}, p2m_mem_paging_populate");
    public static readonly Rule EvictWillFail = new("Evict will fail now, tag this request for pager", $"{MemPaging}, p2m_mem_paging_populate");
    public static readonly Rule OnlyPagingOut = new("The gfn can be in any of the paging states, but the pager needs only be notified when the gfn is in the paging-out path (paging_out or paged).", $"{MemPaging}, p2m_mem_paging_populate");
    public static readonly Rule TryAgain = new("If the gfn is not in the paging-out path and the vcpu does not belong to the guest, nothing needs to be done [...]. In this case the caller has to try again until the gfn is fully paged in again.", $"{MemPaging}, p2m_mem_paging_populate");
    public static readonly Rule RetriesFault = new("Check if the page has been paged out: if ( p2m_is_paged(p2mt) || (p2mt == p2m_ram_paging_out) ) paged = 1;", "xen/arch/x86/hvm/hvm.c, hvm_hap_nested_page_fault");
    public static readonly Rule NoRing = new("We're paging. There should be a ring. [...] domain_crash(d);", $"{MemPaging}, p2m_mem_paging_populate");
    public static readonly Rule CallersRetry = new("Callers may get errors telling them to retry.", Seed);
    public static readonly Rule Forward = new("p2m_mem_paging_resume() will forward the p2mt of a gfn to ram_rw. It is called by the pager.", $"{MemPaging}, p2m_mem_paging_resume");
    public static readonly Rule Drop = new("p2m_mem_paging_drop_page() will notify the pager that a paged-out gfn was released by the guest. The pager is supposed to drop its reference of the gfn.", $"{MemPaging}, p2m_mem_paging_drop_page");
    public static readonly Rule DropCounts = new("Update stats unless the page hasn't yet been evicted", $"{MemPaging}, p2m_mem_paging_drop_page");

    public static readonly Rule WaitSlot = new("If it is a guest vCPU, then we use vm_event_wait_slot() to reserve a slot. As long as there is a ring, this function will always return 0 for a guest.", $"{VmEvent}, __vm_event_claim_slot");
    public static readonly Rule ForeignSlot = new("For a non-guest, we check for space and return -EBUSY if the ring is not available.", $"{VmEvent}, __vm_event_claim_slot");
    public static readonly Rule Reserved = new("Due to the reservations, this step must succeed.", $"{VmEvent}, vm_event_put_request");
    public static readonly Rule KickWaiters = new("Kick any waiters -- since we've just consumed an event, there may be additional space available in the ring.", $"{VmEvent}, vm_event_get_response");
    public static readonly Rule QueuedFirst = new("If we have queued vCPUs, they get top priority.", $"{VmEvent}, vm_event_wake");
    public static readonly Rule QueueOrder = new("wqv = list_entry(wq->list.next, struct waitqueue_vcpu, list);", "xen/common/wait.c, wake_up_nr: from the head of a queue that prepare_to_wait appends to");
    public static readonly Rule NamedVcpu = new("Pull all responses from the given ring and unpause the corresponding vCPU if required.", $"{VmEvent}, vm_event_resume");
    public static readonly Rule NotPaused = new("Check flags which apply only when the vCPU is paused", $"{VmEvent}, vm_event_resume");
    public static readonly Rule DestructionWakes = new("Wait queues can be awakened on a special domain destroy condition.", $"{Seed}, property 5");
    public static readonly Rule DestructionDrains = new("Destroying the wait queue head means waking up all queued vcpus. [...] It will also drop all domain refs the wait-queued vcpus are holding.", $"{VmEvent}, vm_event_cleanup");

    // What this project promises of every hypervisor, and of the words of its own vocabulary.
    private const string Issue = "issue 3, Paging and wait queues";
    private const string Contract = "Reference/Vocabulary/Xen, IPaging and PagingSeen";

    public static readonly Rule AllWake = new("they sleep on the wait queue, all wake, in what order", Issue);
    public static readonly Rule RightContent = new("an evicted page [...], load with and without data", Issue);
    public static readonly Rule RefusedDoesNothing = new("nothing was done", Contract);
    public static readonly Rule Mapped = new("Frames of a domain; they keep its pages alive until they are unmapped.", "Probes/Native/Xen, ForeignMapping");
}
