using System.Text.Json.Serialization;

namespace HvLab.Reference.Xen;

/// <summary>One observation. What the hypervisor did wrong is data here too: the model never allows those cases.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "seen")]
[JsonDerivedType(typeof(Done), "done")]
[JsonDerivedType(typeof(Failed), "failed")]
[JsonDerivedType(typeof(Completed), "completed")]
[JsonDerivedType(typeof(Word), "word")]
[JsonDerivedType(typeof(Returned), "returned")]
[JsonDerivedType(typeof(Asleep), "asleep")]
[JsonDerivedType(typeof(Spinning), "spinning")]
[JsonDerivedType(typeof(Faulted), "faulted")]
[JsonDerivedType(typeof(Crashed), "crashed")]
[JsonDerivedType(typeof(Request), "request")]
[JsonDerivedType(typeof(NoRequest), "no-request")]
[JsonDerivedType(typeof(Blocked), "blocked")]
[JsonDerivedType(typeof(Counts), "counts")]
[JsonDerivedType(typeof(Dying), "dying")]
[JsonDerivedType(typeof(Gone), "gone")]
[JsonDerivedType(typeof(Nothing), "nothing")]
[JsonDerivedType(typeof(Refused), "refused")]
public abstract record PagingSeen
{
    private PagingSeen() { } // closed: only the cases below

    /// <summary>The call returned success.</summary>
    public sealed record Done : PagingSeen { public override string ToString() => "done"; }
    /// <summary>The call returned an error.</summary>
    public sealed record Failed(XenError Error) : PagingSeen { public override string ToString() => $"{Error}"; }
    /// <summary>The guest's access retired.</summary>
    public sealed record Completed : PagingSeen { public override string ToString() => "the access completes"; }
    /// <summary>The word that an access of the guest, or a map of dom0, found in the page.</summary>
    public sealed record Word(uint Value) : PagingSeen { public override string ToString() => $"0x{Value:x}"; }
    /// <summary>What the guest's hypercall returned.</summary>
    public sealed record Returned(long Value) : PagingSeen { public override string ToString() => $"the hypercall returns {Value}"; }
    /// <summary>Xen gives the vCPU no time.</summary>
    public sealed record Asleep : PagingSeen { public override string ToString() => "asleep in Xen"; }
    /// <summary>The vCPU gets time and makes no progress.</summary>
    public sealed record Spinning : PagingSeen { public override string ToString() => "faulting again and again"; }
    /// <summary>An exception in the guest, which no access of a plan earns.</summary>
    public sealed record Faulted(byte Vector) : PagingSeen { public override string ToString() => $"exception {Vector} in the guest"; }
    /// <summary>Xen shut the domain down.</summary>
    public sealed record Crashed : PagingSeen { public override string ToString() => "the domain has crashed"; }
    /// <summary>A request out of the ring.</summary>
    /// <param name="Vcpu">The vCPU that asks; for a foreign one it is dom0's.</param>
    /// <param name="VcpuPaused">VM_EVENT_FLAG_VCPU_PAUSED: it waits for an answer.</param>
    /// <param name="Foreign">VM_EVENT_FLAG_FOREIGN: another domain wants the page.</param>
    /// <param name="EvictFailed">MEM_PAGING_EVICT_FAIL.</param>
    /// <param name="Dropped">MEM_PAGING_DROP_PAGE.</param>
    public sealed record Request(Gfn Page, VcpuId Vcpu, PageWay Way, bool VcpuPaused, bool Foreign, bool EvictFailed, bool Dropped) : PagingSeen
    {
        public override string ToString() =>
            $"{(Dropped ? "drop" : "request")} for {Page} ({Way}) by {(Foreign ? "dom0" : Vcpu)}"
            + (VcpuPaused ? ", paused" : "") + (EvictFailed ? ", evict failed" : "");
    }
    public sealed record NoRequest : PagingSeen { public override string ToString() => "no request"; }
    /// <summary>Dom0's call tries again and again.</summary>
    public sealed record Blocked : PagingSeen { public override string ToString() => "dom0's map waits"; }
    /// <summary>Xen's counts. <paramref name="Paged"/>: pages that are paged out; <paramref name="Present"/>: pages that the domain has more than at the start.</summary>
    public sealed record Counts(long Paged, long Present) : PagingSeen { public override string ToString() => $"{Paged} paged out, {Present:+0;-0;0} present"; }
    /// <summary>The domain is destroyed, and something keeps its remains.</summary>
    public sealed record Dying : PagingSeen { public override string ToString() => "the domain is dying"; }
    /// <summary>Nothing of the domain is left.</summary>
    public sealed record Gone : PagingSeen { public override string ToString() => "the domain is gone"; }
    /// <summary>The bound ran out and nothing could be said.</summary>
    public sealed record Nothing : PagingSeen { public override string ToString() => "nothing within the bound"; }
    /// <summary>The operation makes no sense now (a vCPU is busy, no request was taken, the domain is gone); nothing was done.</summary>
    public sealed record Refused : PagingSeen { public override string ToString() => "not possible now"; }
}
