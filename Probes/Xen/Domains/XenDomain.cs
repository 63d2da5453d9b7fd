using HvLab.GuestAgents.Payloads.Xen;
using HvLab.Probes.Native.Linux;
using HvLab.Probes.Native.Xen;
using HvLab.Reference;
using HvLab.Reference.Xen;

namespace HvLab.Probes.Xen.Domains;

/// <summary>What a domain is made of.</summary>
/// <param name="Vcpus">vCPUs that a scenario uses; one more, the metronome, asks Xen what they are at (see <see cref="RunState"/>).</param>
/// <param name="First">First frame of the scenario's RAM, behind the guest's own pages, which every domain has.</param>
/// <param name="Pages">How much RAM that is, in 4 KiB pages: each costs Xen time twice, so none is there that nobody uses.</param>
/// <param name="SparePages">How much more it may have than it gets.</param>
public sealed record XenDomainOptions(int Vcpus, Gfn First, int Pages, int SparePages = 64);

/// <summary>
/// An HVM domain with hardware-assisted paging, made without xl or xenstored, with the micro-guest in it. It is destroyed
/// on dispose. vCPUs keep off physical CPU 0, which dom0 has for itself.
/// </summary>
public sealed class XenDomain : IDisposable
{
    // Everything up to FirstFree stays mapped: code, mailboxes, page tables.
    private const int MappedPages = (int)(XenMemoryMap.FirstFree / Gfn.PageSize);
    private const ulong AllButFirstCpu = ~1ul;

    private readonly XenHost _host;
    private bool _destroyed;

    /// <exception cref="NativeCallException">A step of the building failed.</exception>
    public XenDomain(XenHost host, XenDomainOptions options)
    {
        ArgumentNullException.ThrowIfNull(host);
        ArgumentNullException.ThrowIfNull(options);
        (_host, Options) = (host, options);
        var vcpus = options.Vcpus + 1;
        ArgumentOutOfRangeException.ThrowIfGreaterThan(vcpus, XenMemoryMap.MaxVcpus);
        var control = host.Control;
        control.Create(new(XenHost.NewHandle(), CreateDomain.Hvm | CreateDomain.Hap, CreateDomain.EmulateLapic, (uint)vcpus), out var id)
            .Require("xc_domain_create");
        Number = id;
        try
        {
            control.SetMaxVcpus(id, (uint)vcpus).Require("xc_domain_max_vcpus");
            control.SetMaxMemory(id, (ulong)(MappedPages + options.Pages + options.SparePages) * 4).Require("xc_domain_setmaxmem");
            for (var vcpu = 0u; vcpu < vcpus; vcpu++)
                _ = control.SetHardAffinity(id, vcpu, AllButFirstCpu); // a host with one CPU has no other to offer
            ulong[] own = [.. Enumerable.Range(0, MappedPages).Select(page => (ulong)page)];
            control.PopulateExact(id, [.. own, .. Enumerable.Range(0, options.Pages).Select(page => options.First.Value + (ulong)page)])
                .Require("xc_domain_populate_physmap_exact");
            Low = host.ForeignMemory.Map(id, own);
            Load(XenPayload.For(XenHost.IsIntel));
            control.SetCpus(id, [.. Enumerable.Range(0, vcpus).Select(GuestStart.Of)]).Require("xc_domain_hvm_setcontext");
        }
        catch
        {
            Dispose();
            throw;
        }
        Vcpus = [.. Enumerable.Range(0, vcpus).Select(vcpu => new GuestVcpu(this, vcpu))];
    }

    public XenDomainOptions Options { get; }
    /// <summary>The domain's number as the native calls take it.</summary>
    public uint Number { get; }
    public DomId Id => new((ushort)Number);
    public XenHost Host => _host;

    /// <summary>The guest's own pages, from frame 0 up to <see cref="XenMemoryMap.FirstFree"/>.</summary>
    public ForeignMapping Low { get; } = null!;

    /// <summary>The scenario's vCPUs, and the metronome behind them, which is always runnable.</summary>
    public IReadOnlyList<GuestVcpu> Vcpus { get; } = [];
    public GuestVcpu Metronome => Vcpus[^1];

    /// <summary>Null where the domain is gone.</summary>
    public DomainInfo? Info => _host.Control.TryGetInfo(Number, out var info) ? info : null;

    /// <summary>Xen shut it down, or it is gone.</summary>
    public bool IsOver => Info is not { IsShutDown: false, IsDying: false };

    public void Start() => _host.Control.Unpause(Number).Require("xc_domain_unpause");

    /// <summary>Destroys the domain, with its own mappings let go first. Mappings of others keep it as a dying one.</summary>
    public Errno Destroy()
    {
        if (_destroyed)
            return Errno.None;
        _destroyed = true;
        Low?.Dispose();
        return _host.Control.Destroy(Number);
    }

    public void Dispose() => Destroy();

    private void Load(XenPayload payload)
    {
        Low.Bytes(0, Low.Length).Clear();
        payload.Code.CopyTo(Low.Bytes((int)XenMemoryMap.Code, payload.Code.Length));
        payload.FlatCode.CopyTo(Low.Bytes((int)XenMemoryMap.FlatCode, payload.FlatCode.Length));
        payload.Gdt.CopyTo(Low.Bytes((int)XenMemoryMap.Gdt, payload.Gdt.Length));
        payload.Idt.CopyTo(Low.Bytes((int)XenMemoryMap.Idt, payload.Idt.Length));
        payload.PageTables.CopyTo(Low.Bytes((int)XenMemoryMap.PageTables, payload.PageTables.Length));
    }
}

/// <summary>The registers that the micro-guest's vCPUs start with: 64-bit mode, interrupts off, identity-mapped.</summary>
internal static class GuestStart
{
    private const uint Code = 0xa9b, Data = 0xc93, Tss = 0x8b;

    public static HvmCpu Of(int vcpu) => new()
    {
        Rip = XenMemoryMap.Code, Rbx = XenMemoryMap.Mailbox(vcpu), Rsp = XenMemoryMap.StackTop(vcpu), Rbp = XenMemoryMap.StackTop(vcpu), Rflags = 2,
        Cr0 = 0x8005_0033, // PG AM WP NE ET MP PE
        Cr3 = XenMemoryMap.PageTables,
        Cr4 = 0x20, // PAE
        Efer = 0x500, // LMA LME
        Dr6 = 0xffff_0ff0, Dr7 = 0x400,
        CsSel = XenMemoryMap.CodeSelector, DsSel = XenMemoryMap.DataSelector, EsSel = XenMemoryMap.DataSelector, SsSel = XenMemoryMap.DataSelector,
        CsLimit = uint.MaxValue, DsLimit = uint.MaxValue, EsLimit = uint.MaxValue, SsLimit = uint.MaxValue,
        CsAttributes = Code, DsAttributes = Data, EsAttributes = Data, SsAttributes = Data,
        TrLimit = 0x67, TrAttributes = Tss,
        GdtrBase = XenMemoryMap.Gdt, GdtrLimit = XenMemoryMap.GdtLength - 1,
        IdtrBase = XenMemoryMap.Idt, IdtrLimit = XenMemoryMap.IdtLength - 1,
    };
}
