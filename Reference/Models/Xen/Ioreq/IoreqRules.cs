namespace HvLab.Reference.Models.Xen.Ioreq;

/// <summary>The sentences that <see cref="IoreqModel"/> implements. Paths are those of Xen's source tree, 4.17.</summary>
public static class IoreqRules
{
    private const string DmOp = "xen/include/public/hvm/dm_op.h";
    private const string HvmOp = "xen/include/public/hvm/hvm_op.h, hvmmem_type_t";
    private const string Ioreq = "xen/common/ioreq.c";

    public static readonly Rule NoServer = new("rc = -ENOENT; if ( !s ) goto out;", $"{Ioreq}, every operation on a server");
    public static readonly Rule RangeOverlaps = new("rc = -EEXIST; if ( rangeset_overlaps_range(r, start, end) ) goto out;", $"{Ioreq}, ioreq_server_map_io_range");
    public static readonly Rule RangeUnknown = new("rc = -ENOENT; if ( !rangeset_contains_range(r, start, end) ) goto out;", $"{Ioreq}, ioreq_server_unmap_io_range");
    public static readonly Rule RangeOrder = new("if ( start > end ) return -EINVAL;", $"{Ioreq}, ioreq_server_map_io_range");
    public static readonly Rule WholeRequest = new("unless an emulation request falls entirely within a range mapped by a secondary emulator, it will not be passed to that emulator", $"{DmOp}, XEN_DMOP_map_io_range_to_ioreq_server");
    public static readonly Rule NewestFirst = new("The iteration is backwards such that more recently created ioreq servers are favoured in ioreq_server_select().", $"{Ioreq}, FOR_EACH_IOREQ_SERVER");
    public static readonly Rule Nobody = new("If no server is found, the access is ignored.", "xen/arch/x86/hvm/emulate.c, hvmemul_do_io");
    public static readonly Rule NotUntilEnabled = new("The IOREQ Server will not be passed any emulation requests until it is in the enabled state.", $"{DmOp}, XEN_DMOP_set_ioreq_server_state");
    public static readonly Rule DestroyDeregisters = new("Any registered I/O ranges will be automatically deregistered.", $"{DmOp}, XEN_DMOP_destroy_ioreq_server");
    public static readonly Rule OnlyThisType = new("if ( type != HVMMEM_ioreq_server ) return -EINVAL;", $"{Ioreq}, ioreq_server_map_mem_type");
    public static readonly Rule OnlyWrites = new("For now, flags only accept the value of XEN_DMOP_IOREQ_MEM_ACCESS_WRITE, which means only write operations are to be forwarded to an ioreq server.", $"{DmOp}, XEN_DMOP_map_mem_type_to_ioreq_server");
    public static readonly Rule OneOwner = new("rc = -EBUSY; if ( p2m->ioreq.server != NULL ) goto out;", "xen/arch/x86/mm/p2m.c, p2m_set_ioreq_server");
    public static readonly Rule NotTheOwner = new("rc = -EINVAL; if ( p2m->ioreq.server != s ) goto out;", "xen/arch/x86/mm/p2m.c, p2m_set_ioreq_server");
    public static readonly Rule Sweep = new("Iterate p2m table when an ioreq server unmaps from p2m_ioreq_server, and reset the remaining p2m_ioreq_server entries back to p2m_ram_rw.", "xen/arch/x86/hvm/dm.c, XEN_DMOP_map_mem_type_to_ioreq_server");
    public static readonly Rule TypeNeedsOwner = new("type changes to this value are only allowed after an ioreq server has claimed its ownership", HvmOp);
    public static readonly Rule OnlyRamRw = new("Only pages with HVMMEM_ram_rw are allowed to change to this type; conversely, pages with this type are only allowed to be changed back to HVMMEM_ram_rw.", HvmOp);
    public static readonly Rule Unused = new("setting memory to this type will fail for code after 4.7.0", HvmOp);
    public static readonly Rule Forwarded = new("p2m_ioreq_server accesses are handled by the designated ioreq server for the domain", "xen/arch/x86/hvm/emulate.c, hvmemul_do_io");
    public static readonly Rule ReadPart = new("This is part of a read-modify-write instruction. Emulate the read part so we have the value available.", "xen/arch/x86/hvm/emulate.c, hvmemul_do_io");
    public static readonly Rule Split = new("Split the access at the page boundary.", "xen/arch/x86/hvm/emulate.c, linear_write");
    public static readonly Rule BecameStale = new("Even when an ioreq server is found, its value could become stale later", "xen/arch/x86/hvm/emulate.c, hvmemul_do_io");
    public static readonly Rule DyingEmulator = new("The only reason we should see this condition be false is when an emulator dying races with I/O being requested.", $"{Ioreq}, wait_for_io");
    public static readonly Rule LogDirtyTwice = new("if ( paging_mode_log_dirty(d) ) return -EINVAL;", "xen/arch/x86/mm/paging.c, paging_log_dirty_enable");
    public static readonly Rule LogDirtyBusy = new("Refuse to turn on global log-dirty mode if there are outstanding p2m_ioreq_server pages.", "xen/arch/x86/mm/hap/hap.c, hap_enable_log_dirty");
    public static readonly Rule Logged = new("On first write, it page faults, its entry is changed to read-write, and on retry the write succeeds.", "xen/arch/x86/mm/paging.c, paging_log_dirty_range");
    public static readonly Rule Clean = new("If the operation is a CLEAN, clear the bitmap and stats as well.", "xen/arch/x86/mm/paging.c, paging_log_dirty_op");
    public static readonly Rule ReadOnlyDiscards = new("Read-only; writes are discarded", HvmOp);
    public static readonly Rule Harmless = new("we want to make those mistakes completely harmless", "xen-devel, 2016-06-23, Re: [PATCH v4 3/3] x86/ioreq server");
}
