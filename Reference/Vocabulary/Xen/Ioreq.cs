namespace HvLab.Reference.Xen;

/// <summary>
/// Xen's ioreq servers, the page type that forwards writes to one of them, and log-dirty, as device models in dom0 and a
/// guest can drive them. The model answers with what is allowed, the probe with what was seen.
/// </summary>
/// <remarks>
/// A server's request stays unanswered until <see cref="Respond"/>; its vCPU waits, and every other operation goes on.
/// Hypercalls answer <see cref="IoreqSeen.Done"/> or <see cref="IoreqSeen.Failed"/> with their errno.
/// </remarks>
public interface IIoreq<out TAnswer>
{
    /// <summary>A device model creates a server, without buffered requests, and maps its page of requests.</summary>
    TAnswer CreateServer(IoreqServer server);
    /// <summary>The device model destroys its server, whatever is still mapped to it.</summary>
    TAnswer DestroyServer(IoreqServer server);
    /// <summary>The device model enables or disables its server.</summary>
    TAnswer SetState(IoreqServer server, bool enabled);
    /// <summary>The server claims a range of ports or of memory.</summary>
    TAnswer MapIoRange(IoreqServer server, IoRange range);
    /// <summary>The server gives a range back.</summary>
    TAnswer UnmapIoRange(IoreqServer server, IoRange range);
    /// <summary>Maps a page type to the server; <paramref name="flags"/> 0 unmaps it, <see cref="MemTypeFlags.ForwardWrites"/> maps it.</summary>
    TAnswer MapMemType(IoreqServer server, MemType type, uint flags);
    /// <summary>Sets the type of pages one after the other, and stops at the first that refuses.</summary>
    TAnswer SetMemType(MemType type, Gfn first, int count);
    /// <summary>Asks Xen for a page's type.</summary>
    TAnswer GetMemType(Gfn page);
    /// <summary>The guest does one access; it may have to wait for a server.</summary>
    TAnswer Access(VcpuId vcpu, GuestAccess access);
    /// <summary>Looks again at an access that has not finished.</summary>
    TAnswer Await(VcpuId vcpu);
    /// <summary>The server answers the request of this vCPU that it was shown; <paramref name="data"/> is what a read returns.</summary>
    TAnswer Respond(IoreqServer server, VcpuId vcpu, uint data);
    /// <summary>The guest writes to each page once, at <see cref="IoreqGuest.SurveyOffset"/>; both servers answer what they get.</summary>
    TAnswer Survey(VcpuId vcpu, Gfn first, int count);
    /// <summary>Log-dirty mode on.</summary>
    TAnswer EnableLogDirty();
    /// <summary>Log-dirty mode off.</summary>
    TAnswer DisableLogDirty();
    /// <summary>Which pages of the window are dirty; they stay so.</summary>
    TAnswer PeekDirty();
    /// <summary>Which pages of the window are dirty; from now on none is.</summary>
    TAnswer CleanDirty();
    /// <summary>dom0 reads four bytes of guest memory through a mapping of its own.</summary>
    TAnswer ReadMemory(Gpa address);
    /// <summary>dom0 writes four bytes of guest memory through a mapping of its own, as a device model that applies a forwarded write.</summary>
    TAnswer WriteMemory(Gpa address, uint value);
    /// <summary>The toolstack destroys the domain, whatever is outstanding.</summary>
    TAnswer DestroyDomain();
}

/// <summary>The servers of a plan. Each is a device model of its own; Xen gives the id.</summary>
public enum IoreqServer { A, B }

/// <summary>Page types of the interface, xen/include/public/hvm/hvm_op.h, hvmmem_type_t.</summary>
public enum MemType
{
    RamRw = 0,
    RamRo = 1,
    MmioDm = 2,
    /// <summary>Retired by the interface.</summary>
    Unused = 3,
    /// <summary>Writes go to the server that the type is mapped to; reads go to memory.</summary>
    IoreqServer = 4,
}

/// <summary>What a range is made of, xen/include/public/hvm/dm_op.h, XEN_DMOP_IO_RANGE_*.</summary>
public enum IoSpace { Port = 0, Memory = 1 }

/// <summary>Ports or addresses from first to last, both included.</summary>
public readonly record struct IoRange(IoSpace Space, ulong First, ulong Last)
{
    public bool Overlaps(IoRange other) => Space == other.Space && First <= other.Last && other.First <= Last;
    public bool Contains(ulong first, int size) => first >= First && first + (ulong)size - 1 <= Last;
    public override string ToString() => $"{(Space == IoSpace.Port ? "ports" : "memory")} 0x{First:x}-0x{Last:x}";
}

/// <summary>Flags of <see cref="IIoreq{T}.MapMemType"/>, xen/include/public/hvm/dm_op.h.</summary>
public static class MemTypeFlags
{
    public const uint Unmap = 0;
    /// <summary>Defined by the interface, and not supported.</summary>
    public const uint ForwardReads = 1;
    public const uint ForwardWrites = 2;
}

/// <summary>The guest that every plan runs on.</summary>
public static class IoreqGuest
{
    /// <summary>
    /// First page of the window: zeroed RAM that nothing but the plan touches. Low, since Xen's sweep costs a TLB flush on the
    /// other CPU for each page that a domain has.
    /// </summary>
    public static Gfn Window => new(0x20);
    /// <summary>Pages that a window can have.</summary>
    public const int MaxPages = 2048;
    /// <summary>Pages of the window that <see cref="IoreqSeen.Dirty"/> names one by one.</summary>
    public const int NamedPages = 64;
    /// <summary>Where in a page a survey writes; nothing else does.</summary>
    public const int SurveyOffset = 0xf00;
    public const uint SurveyValue = 0x5eed;
    /// <summary>First byte of a page of guest-physical addresses where no RAM is.</summary>
    public static Gpa Hole => new(0x2000_0000);
}
