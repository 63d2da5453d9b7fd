namespace HvLab.Reference.Models.Kvm;

/// <summary>Deviations of real machines that <see cref="AsyncPfModel"/> allows on request, so that what comes after one can be judged.</summary>
[Flags]
public enum AsyncPfQuirks
{
    None = 0,
    /// <summary>A write that is refused for an area outside of RAM changes the MSR: "vcpu->arch.apf.msr_en_val = data;" stands before kvm_gfn_to_hva_cache_init (arch/x86/kvm/x86.c, kvm_pv_enable_async_pf).</summary>
    KeepsRefusedArea = 1,
    /// <summary>A completion that cannot be delivered keeps its vCPU from sleeping: "if (!list_empty_careful(&amp;vcpu->async_pf.done)) return true;" (arch/x86/kvm/x86.c, kvm_vcpu_has_events).</summary>
    StuckCompletionKeepsAwake = 2,
}
