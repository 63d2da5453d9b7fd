namespace HvLab.Reference.Xen;

/// <summary>
/// Xen's page sharing as a toolstack in dom0, its ENOMEM helper and the guests can drive it.
/// The model answers with what is allowed, the probe with what was seen; both then look at every page of every domain.
/// </summary>
/// <remarks>
/// Handles and foreign maps are named by the plan (<see cref="SharingHandle"/>, <see cref="SharingMap"/>): their values are the hypervisor's.
/// A guest access that Xen holds back leaves its vCPU unfinished; <see cref="Respond"/> and <see cref="Await"/> go on with it.
/// </remarks>
public interface ISharing<out TAnswer>
{
    /// <summary>xc_memshr_control: sharing on or off.</summary>
    TAnswer Control(SharingDomain domain, bool enable);
    /// <summary>xc_memshr_nominate_gfn; the handle gets the name <paramref name="into"/>.</summary>
    TAnswer Nominate(SharingDomain domain, Gfn page, SharingHandle into);
    /// <summary>xc_memshr_share_gfns.</summary>
    TAnswer Share(SharingPage source, SharingHandle sourceHandle, SharingPage client, SharingHandle clientHandle);
    /// <summary>xc_memshr_add_to_physmap: the shared frame appears in a hole of the client.</summary>
    TAnswer AddToPhysmap(SharingPage source, SharingHandle sourceHandle, SharingPage client);
    /// <summary>xc_memshr_range_share, both ends included.</summary>
    TAnswer RangeShare(SharingDomain source, SharingDomain client, Gfn first, Gfn last);
    /// <summary>xc_memshr_debug_gfn: how many pages reference the shared frame.</summary>
    TAnswer CountReferences(SharingDomain domain, Gfn page);

    /// <summary>The guest writes one word.</summary>
    TAnswer Write(SharingDomain domain, VcpuId vcpu, Gfn page, SharingWord word, uint value);
    /// <summary>The guest reads one word.</summary>
    TAnswer Read(SharingDomain domain, VcpuId vcpu, Gfn page, SharingWord word);
    /// <summary>Looks whether an unfinished access has finished.</summary>
    TAnswer Await(SharingDomain domain, VcpuId vcpu);

    /// <summary>Dom0 maps a page of the domain.</summary>
    TAnswer Map(SharingMap map, SharingDomain domain, Gfn page, bool writable);
    /// <summary>Dom0 writes one word through a writable map.</summary>
    TAnswer WriteMap(SharingMap map, SharingWord word, uint value);
    /// <summary>Dom0 gives the map back.</summary>
    TAnswer Unmap(SharingMap map);

    /// <summary>xc_domain_setmaxmem to what the domain owns now and <paramref name="spare"/> pages more.</summary>
    TAnswer SetSpare(SharingDomain domain, int spare);
    /// <summary>xc_domain_decrease_reservation_exact of one page: a hole from then on.</summary>
    TAnswer Remove(SharingDomain domain, Gfn page);
    /// <summary>xc_domain_populate_physmap_exact of one page, which dom0 then fills as when the domain was made.</summary>
    TAnswer Populate(SharingDomain domain, Gfn page);

    /// <summary>xc_memshr_ring_enable, with the ring's page named before: a helper attaches.</summary>
    TAnswer EnableRing(SharingDomain domain);
    /// <summary>xc_memshr_ring_disable.</summary>
    TAnswer DisableRing(SharingDomain domain);
    /// <summary>The helper takes the next ENOMEM request off the ring.</summary>
    TAnswer TakeRequest(SharingDomain domain);
    /// <summary>The helper answers the oldest request it took, and kicks Xen.</summary>
    TAnswer Respond(SharingDomain domain, SharingKick kick);
    /// <summary>xc_memshr_domain_resume, with nothing new on the ring.</summary>
    TAnswer Resume(SharingDomain domain);

    /// <summary>XEN_DOMCTL_SHADOW_OP_ENABLE_LOGDIRTY, or OFF.</summary>
    TAnswer LogDirty(SharingDomain domain, bool enable);
    /// <summary>The dirty ones among the watched pages; <paramref name="clean"/> forgets them (CLEAN), else they stay (PEEK).</summary>
    TAnswer ReadDirty(SharingDomain domain, bool clean);

    /// <summary>A pager attaches to the domain (xc_mem_paging_enable).</summary>
    TAnswer EnablePaging(SharingDomain domain);
    /// <summary>The pager nominates the page, keeps its content and evicts it; the first call that fails is the answer.</summary>
    TAnswer PageOut(SharingDomain domain, Gfn page);
    /// <summary>The pager loads what it kept (xc_mem_paging_load).</summary>
    TAnswer PageIn(SharingDomain domain, Gfn page);

    TAnswer Pause(SharingDomain domain);
    TAnswer Unpause(SharingDomain domain);
    /// <summary>xc_domain_destroy, to its end.</summary>
    TAnswer Destroy(SharingDomain domain);
    /// <summary>A new domain takes the place of one that was destroyed.</summary>
    TAnswer Create(SharingDomain domain);
}

/// <summary>The guests that every plan runs on.</summary>
public static class SharingGuest
{
    /// <summary>First of the pages that every answer looks at.</summary>
    public static Gfn FirstWatched => new(0x100);
    /// <summary>Watched pages of a domain.</summary>
    public const int Watched = 6;
    /// <summary>Those of them that are populated at the start; the others are holes, below the domain's highest page.</summary>
    public const int Populated = 4;
    /// <summary>A page far beyond everything that a domain has.</summary>
    public static Gfn Beyond => new(0x4000_0000);

    /// <summary>Every word of a watched page when it is populated: the same in all domains, so that sharing is worth it.</summary>
    public static uint Fill(Gfn page) => 0x5a00_0000 | (uint)page.Value;
}

/// <summary>One of the plan's domains, by its place: A, B, C.</summary>
public readonly record struct SharingDomain(int Index)
{
    public override string ToString() => $"{(char)('A' + Index)}";
}

/// <summary>A page of a domain.</summary>
public readonly record struct SharingPage(SharingDomain Domain, Gfn Gfn)
{
    public override string ToString() => $"{Domain}'s {Gfn}";
}

/// <summary>A name that a plan gives to a handle. What was never assigned, and <see cref="Forged"/>, is no handle of Xen's.</summary>
public readonly record struct SharingHandle(int Index)
{
    /// <summary>Names that a plan may use, from 0.</summary>
    public const int Names = 6;
    /// <summary>A number that Xen never gave out.</summary>
    public static SharingHandle Forged => new(-1);
    public override string ToString() => this == Forged ? "a forged handle" : $"h{Index}";
}

/// <summary>A name that a plan gives to a foreign map.</summary>
public readonly record struct SharingMap(int Index)
{
    public const int Names = 10;
    public override string ToString() => $"map{Index}";
}

/// <summary>The words of a page that guests and dom0 write: its ends and its middle.</summary>
public enum SharingWord { First, Middle, Last }

/// <summary>How a helper tells Xen that a response is on the ring.</summary>
public enum SharingKick
{
    /// <summary>The ring's event channel.</summary>
    Event,
    /// <summary>xc_memshr_domain_resume.</summary>
    Resume,
}
