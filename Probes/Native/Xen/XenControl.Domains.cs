using System.Buffers.Binary;
using System.Runtime.InteropServices;
using HvLab.Probes.Native.Linux;

namespace HvLab.Probes.Native.Xen;

// Life and death of domains, and what they are doing.
public sealed unsafe partial class XenControl
{
    private const int CreateDomainSize = 64, ArchOffset = 56;
    private const uint HardAffinity = 1;

    /// <param name="domain">The new domain's id, where there is no error.</param>
    public Errno Create(CreateDomain config, out uint domain)
    {
        ArgumentNullException.ThrowIfNull(config);
        // 4.18 put altp2m_opts before vmtrace_size: everything behind moves by four bytes.
        var shift = Minor >= 20 ? 4 : 0;
        Span<byte> raw = stackalloc byte[CreateDomainSize + shift];
        raw.Clear();
        config.Handle.TryWriteBytes(raw[4..], bigEndian: true, out _);
        void Put(Span<byte> at, int offset, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(at[offset..], value);
        Put(raw, 20, config.Flags);
        Put(raw, 28, config.MaxVcpus);
        Put(raw, 32, uint.MaxValue); // max_evtchn_port
        Put(raw, 36, (uint)config.MaxGrantFrames);
        Put(raw, 40, (uint)config.MaxMaptrackFrames);
        Put(raw, 44, 1); // XEN_DOMCTL_GRANT_version(1)
        Put(raw, ArchOffset + shift, config.EmulationFlags);
        domain = 0;
        // SAFETY: both buffers live for the call; the size is that of the running release's struct.
        fixed (byte* buffer = raw)
        fixed (uint* id = &domain)
            return Check(DomainCreate(_handle, id, buffer));
    }

    public Errno SetMaxVcpus(uint domain, uint count) => Check(DomainMaxVcpus(_handle, domain, count));
    public Errno Pause(uint domain) => Check(DomainPause(_handle, domain));
    public Errno Unpause(uint domain) => Check(DomainUnpause(_handle, domain));
    public Errno Destroy(uint domain) => Check(DomainDestroy(_handle, domain));

    /// <summary>False where there is no such domain any more.</summary>
    public bool TryGetInfo(uint domain, out DomainInfo info)
    {
        info = default;
        // SAFETY: room for the one entry that is asked for.
        fixed (DomainInfo* entry = &info)
            return DomainGetInfoList(_handle, domain, 1, entry) == 1 && info.Domain == domain;
    }

    /// <summary>All domains, dying ones included.</summary>
    public IReadOnlyList<DomainInfo> ListDomains()
    {
        var infos = new DomainInfo[256];
        fixed (DomainInfo* entries = infos)
        {
            var count = DomainGetInfoList(_handle, 0, (uint)infos.Length, entries);
            return count < 0 ? throw new NativeCallException("xc_domain_getinfolist", Errno.Last) : infos[..count];
        }
    }

    /// <param name="cpus">Bit n: physical CPU n, of the first 64.</param>
    public Errno SetHardAffinity(uint domain, uint vcpu, ulong cpus)
    {
        var size = Math.Max(CpuMapSize(_handle), sizeof(ulong));
        Span<byte> hard = stackalloc byte[size];
        Span<byte> soft = stackalloc byte[size];
        hard.Clear();
        soft.Fill(0xff);
        BinaryPrimitives.WriteUInt64LittleEndian(hard, cpus);
        fixed (byte* hardMap = hard)
        fixed (byte* softMap = soft)
            return Check(VcpuSetAffinity(_handle, domain, (int)vcpu, hardMap, softMap, HardAffinity));
    }

    [LibraryImport(XenLibraries.Control, EntryPoint = "xc_domain_create", SetLastError = true)]
    private static partial int DomainCreate(Handle xch, uint* domain, byte* config);

    [LibraryImport(XenLibraries.Control, EntryPoint = "xc_domain_max_vcpus", SetLastError = true)]
    private static partial int DomainMaxVcpus(Handle xch, uint domain, uint max);

    [LibraryImport(XenLibraries.Control, EntryPoint = "xc_domain_pause", SetLastError = true)]
    private static partial int DomainPause(Handle xch, uint domain);

    [LibraryImport(XenLibraries.Control, EntryPoint = "xc_domain_unpause", SetLastError = true)]
    private static partial int DomainUnpause(Handle xch, uint domain);

    [LibraryImport(XenLibraries.Control, EntryPoint = "xc_domain_destroy", SetLastError = true)]
    private static partial int DomainDestroy(Handle xch, uint domain);

    [LibraryImport(XenLibraries.Control, EntryPoint = "xc_domain_getinfolist", SetLastError = true)]
    private static partial int DomainGetInfoList(Handle xch, uint first, uint max, DomainInfo* infos);

    [LibraryImport(XenLibraries.Control, EntryPoint = "xc_get_cpumap_size", SetLastError = true)]
    private static partial int CpuMapSize(Handle xch);

    [LibraryImport(XenLibraries.Control, EntryPoint = "xc_vcpu_setaffinity", SetLastError = true)]
    private static partial int VcpuSetAffinity(Handle xch, uint domain, int vcpu, byte* hard, byte* soft, uint flags);
}
