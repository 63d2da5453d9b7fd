namespace HvLab.Reference.Xen;

/// <summary>
/// Xen's memory paging as a pager, its guest and dom0's other tools can drive it. The model answers with what is allowed,
/// the probe with what was seen.
/// </summary>
/// <remarks>
/// A guest operation that does not come to its end is finished by <see cref="Await"/>, a foreign map by <see cref="AwaitMap"/>.
/// A page holds one word that operations read and write; whatever the guest's hypercalls and page tables need besides stands
/// in every page and comes back with <see cref="Load"/>.
/// </remarks>
public interface IPaging<out TAnswer>
{
    /// <summary>The pager makes a ring, enables paging on it, and takes the ring's page out of the guest.</summary>
    TAnswer Attach();
    /// <summary>The pager disables paging and lets its ring go.</summary>
    TAnswer Detach();
    /// <summary>The pager dies: its event channel and its mapping of the ring go, and Xen is not told.</summary>
    TAnswer Abandon();

    /// <summary>Marks a page as to be paged out.</summary>
    TAnswer Nominate(Gfn page);
    /// <summary>Pages a nominated page out; its content is the pager's to keep.</summary>
    TAnswer Evict(Gfn page);
    /// <summary>Asks for the page back without giving its content.</summary>
    TAnswer Prepare(Gfn page);
    /// <summary>Puts the page back, with this word in it.</summary>
    TAnswer Load(Gfn page, uint word);

    /// <summary>Waits for the next request in the ring and takes it.</summary>
    TAnswer Take();
    /// <summary>Answers the oldest request for the page that was taken and not answered; the answer names this vCPU.</summary>
    TAnswer Respond(Gfn page, VcpuId vcpu);
    /// <summary>Answers a request that this ring never carried, as a pager does for what its predecessor took.</summary>
    TAnswer RespondForPredecessor(Gfn page, VcpuId vcpu);

    /// <summary>The guest reads the page's word.</summary>
    TAnswer Read(VcpuId vcpu, Gfn page);
    /// <summary>The guest writes the page's word.</summary>
    TAnswer Write(VcpuId vcpu, Gfn page, uint word);
    /// <summary>The guest adds to the page's word, locked.</summary>
    TAnswer Add(VcpuId vcpu, Gfn page, uint word);
    /// <summary>The guest calls code in the page, which returns the page's word.</summary>
    TAnswer Fetch(VcpuId vcpu, Gfn page);
    /// <summary>The guest copies a whole page to another with one string instruction.</summary>
    TAnswer Copy(VcpuId vcpu, Gfn from, Gfn to);
    /// <summary>The guest reads the page's word through a linear address that the page <paramref name="table"/> maps.</summary>
    TAnswer ReadThrough(VcpuId vcpu, Gfn table, Gfn page);
    /// <summary>The guest gives <paramref name="victim"/> back to Xen, with a hypercall whose arguments stand in <paramref name="buffer"/>.</summary>
    TAnswer Release(VcpuId vcpu, Gfn buffer, Gfn victim);
    /// <summary>As <see cref="Release"/>, with the arguments at a linear address that the page <paramref name="table"/> maps.</summary>
    TAnswer ReleaseThrough(VcpuId vcpu, Gfn table, Gfn buffer, Gfn victim);
    /// <summary>As <see cref="Release"/>, from 32-bit mode without paging: the arguments stand at a physical address.</summary>
    TAnswer ReleaseUnpaged(VcpuId vcpu, Gfn buffer, Gfn victim);
    /// <summary>Lets a vCPU whose operation is unfinished go on until it has something to say.</summary>
    TAnswer Await(VcpuId vcpu);

    /// <summary>Dom0 maps the page and reads its word; the map is held.</summary>
    TAnswer Map(Gfn page, bool writable);
    /// <summary>Waits for a map that could not be made at once.</summary>
    TAnswer AwaitMap(Gfn page);
    TAnswer Unmap(Gfn page);
    /// <summary>A device model sets the page's type to plain RAM, which it is.</summary>
    TAnswer SetMemType(Gfn page);
    /// <summary>Dom0 takes the page out of the guest.</summary>
    TAnswer Remove(Gfn page);
    /// <summary>Lets the domain have this many pages more than it has now.</summary>
    TAnswer LimitMemory(int spare);
    /// <summary>Reads Xen's own counts of the domain's pages.</summary>
    TAnswer Count();

    /// <summary>Destroys the domain.</summary>
    TAnswer Destroy();
    /// <summary>Waits until the last of a domain that was destroyed is gone.</summary>
    TAnswer AwaitDestroyed();
}

/// <summary>The guest that every plan runs on.</summary>
public static class PagingGuest
{
    /// <summary>The pages that scenarios use are <see cref="PageCount"/> from here on; a 2 MiB boundary, so that none is in a larger one with the guest's own.</summary>
    public static Gfn FirstPage => new(0x200);
    public const int PageCount = 32;
    /// <summary>A request takes 400 of the 4096 - 64 bytes of a ring, and rings have a power of two of slots.</summary>
    public const int RingSlots = 8;

    public static Gfn Page(int index) => new(FirstPage.Value + (ulong)index);
    public static bool Has(Gfn page) => page.Value - FirstPage.Value < PageCount;
    public static int IndexOf(Gfn page) => (int)(page.Value - FirstPage.Value);
    /// <summary>The word that a page holds at first: every page another.</summary>
    public static uint FirstWord(Gfn page) => 0x0a00_0000 + (uint)page.Value;
}

/// <summary>Which way a page was on when Xen asked for it (p2m_ram_* of asm/p2m.h).</summary>
public enum PageWay { PagingOut = 9, Paged = 10, PagingIn = 11, Other = 0 }
