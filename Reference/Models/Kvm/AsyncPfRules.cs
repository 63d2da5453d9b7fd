namespace HvLab.Reference.Models.Kvm;

/// <summary>The sentences that <see cref="AsyncPfModel"/> implements. Paths are those of the Linux source tree, 6.1.</summary>
public static class AsyncPfRules
{
    private const string Msr = "Documentation/virt/kvm/x86/msr.rst";

    public static readonly Rule ReservedBits = new("Bits 5-4 of the MSR are reserved and should be zero.", $"{Msr}, MSR_KVM_ASYNC_PF_EN");
    public static readonly Rule AreaInRam = new("64 byte memory area which must be in guest RAM and must be zeroed", $"{Msr}, MSR_KVM_ASYNC_PF_EN");
    public static readonly Rule ReservedVectorBits = new("Bits 8-63: Reserved", $"{Msr}, MSR_KVM_ASYNC_PF_INT");
    public static readonly Rule SendAlways = new("Bit 1 is 1 if asynchronous page faults can be injected when vcpu is in cpl == 0.", $"{Msr}, MSR_KVM_ASYNC_PF_EN");
    public static readonly Rule NotPresent = new("'Page not present' events are currently always delivered as synthetic #PF exception. During delivery of these events APF CR2 register contains a token that will be used to notify the guest when missing page becomes available.", $"{Msr}, MSR_KVM_ASYNC_PF_EN");
    public static readonly Rule NotDelivered = new("If bit 3 (interrupt based delivery) is not set APF events are not delivered.", $"{Msr}, MSR_KVM_ASYNC_PF_EN");
    public static readonly Rule Ready = new("The content of these bytes is a token which was previously delivered as 'page not present' event. The event indicates the page in now available.", $"{Msr}, MSR_KVM_ASYNC_PF_EN");
    public static readonly Rule Rescan = new("writing to the MSR forces KVM to re-scan its queue and deliver the next pending notification.", $"{Msr}, MSR_KVM_ASYNC_PF_EN");
    public static readonly Rule Disabled = new("If APF is disabled while there are outstanding APFs, they will not be delivered.", $"{Msr}, MSR_KVM_ASYNC_PF_EN");
    public static readonly Rule SameVcpu = new("Currently 'page ready' APF events will be always delivered on the same vcpu as 'page not present' event was, but guest should not rely on that.", $"{Msr}, MSR_KVM_ASYNC_PF_EN");
    public static readonly Rule SlotFree = new("return kvm_lapic_enabled(vcpu) && apf_pageready_slot_free(vcpu);", "arch/x86/kvm/x86.c, kvm_arch_can_dequeue_async_page_present");
    public static readonly Rule LapicOn = new("Check if there are APF page ready requests pending", "arch/x86/kvm/lapic.c, apic_set_spiv and kvm_lapic_set_base");
    public static readonly Rule Broadcast = new("broadcast wakeup", "arch/x86/kvm/x86.c, kvm_arch_async_page_present; queued by kvm_pv_enable_async_pf through kvm_async_pf_wakeup_all");
    public static readonly Rule Masked = new("If interrupts are off we cannot even use an artificial halt state.", "arch/x86/kvm/x86.c, kvm_can_do_async_pf");
    public static readonly Rule ArtificialHalt = new("It is not possible to deliver a paravirtualized asynchronous page fault, but putting the guest in an artificial halt state can be beneficial nevertheless", "arch/x86/kvm/x86.c, kvm_arch_async_page_not_present");
    public static readonly Rule RetryFindsPage = new("When the instruction that triggered a page fault is retried, hopefully the page will be ready in the host.", "arch/x86/kvm/x86.c, kvm_arch_async_page_not_present");
    public static readonly Rule RepeatedFault = new("trace_kvm_async_pf_repeated_fault(fault->addr, fault->gfn); kvm_make_request(KVM_REQ_APF_HALT, vcpu);", "arch/x86/kvm/mmu/mmu.c, kvm_faultin_pfn");
    public static readonly Rule PerVcpuBound = new("if (vcpu->async_pf.queued >= ASYNC_PF_PER_VCPU) return false;", "virt/kvm/async_pf.c, kvm_setup_async_pf; ASYNC_PF_PER_VCPU is 64, include/linux/kvm_host.h");
    public static readonly Rule Synchronous = new("Return 'true' on success, 'false' on failure (page fault has to be handled synchronously).", "virt/kvm/async_pf.c, kvm_setup_async_pf");
    public static readonly Rule TokenNotZero = new("make sure the token value is not 0", "arch/x86/kvm/mmu/mmu.c, alloc_apf_token");
    public static readonly Rule DoneWakes = new("if (!list_empty_careful(&vcpu->async_pf.done)) return true;", "arch/x86/kvm/x86.c, kvm_vcpu_has_events");
    public static readonly Rule WaitsForWorker = new("KVM must wait for the work item itself, i.e. async_pf_execute(), to run to completion.", "virt/kvm/async_pf.c, kvm_flush_and_free_async_pf_work");
    public static readonly Rule CancelOutstanding = new("cancel outstanding work queue item", "virt/kvm/async_pf.c, kvm_clear_async_pf_completion_queue");

    // What this project promises of every hypervisor, and of the words of its own vocabulary.
    private const string Issue = "founding issue, The subsystem";
    private const string Contract = "Reference/Vocabulary/Kvm, IAsyncPf and AsyncPfSeen";

    public static readonly Rule GpChangesNothing = new("every reserved or misaligned MSR value (#GP, and nothing changed)", Issue);
    public static readonly Rule NoLeak = new("no leak: threads, file descriptors and pages before and after are equal", Issue);
    public static readonly Rule MustComplete = new("all of which must complete with no vCPU spinning", Issue);
    public static readonly Rule ReadyInTime = new("Liveness is part of the model: a bound on how long READY may take once the page is there.", Issue);
    public static readonly Rule RefusedDoesNothing = new("nothing was done", Contract);
    public static readonly Rule MmioLeaves = new("The access left to the VMM as MMIO.", Contract);
}
