using HvLab.Reference.Xen;
using static HvLab.Reference.Xen.IoreqSeen;

namespace HvLab.Reference.Models.Xen.Ioreq;

using Allowed = Allowed<IoreqModel, IoreqSeen>;

/// <summary>Xen's ioreq servers as device models and a guest meet them, over the same p2m that <see cref="IoreqLogdirtyModel"/> explores.</summary>
/// <remarks>
/// Out of scope: buffered requests; PCI ranges; pages that are shared, paged or foreign; reads that cross pages into a hole;
/// an access whose page changes its type between two of its pieces, but for the page that a server was asked about; when a
/// guest that is retried notices a change: a plan looks at it next.
/// </remarks>
public sealed partial record IoreqModel : IIoreq<Allowed>
{
    public required P2mMachine Machine { get; init; }
    public required P2m<ListedEntries> P2m { get; init; }
    public required ValueList<IoreqServerState> Servers { get; init; }
    public required ValueList<IoreqWork> Vcpus { get; init; }
    public IoreqMemory Memory { get; init; }
    public bool Gone { get; init; }

    /// <summary>A fresh domain without servers. <paramref name="pages"/> counts the window.</summary>
    public static IoreqModel AtStart(P2mMachine machine, int vcpus, int pages)
    {
        ArgumentNullException.ThrowIfNull(machine);
        return new()
        {
            Machine = machine,
            P2m = new(ListedEntries.OfRam(pages), P2mGlobals.Of(machine.Design)),
            Servers = [IoreqServerState.Absent, IoreqServerState.Absent],
            Vcpus = [.. Enumerable.Repeat(IoreqWork.Rest, vcpus)],
        };
    }

    private IoreqDesign Design => Machine.Design;
    private Allowed Refuse => Allowed.Only(new Refused(), this);
    private Allowed Fail(XenError error, Rule rule) => Allowed.Only(new Failed(error), this, rule);
    private static Allowed Succeed(IoreqModel then, Rule? rule = null) => Allowed.Only(new Done(), then, rule);

    private IoreqServerState this[IoreqServer server] => Servers[(int)server];
    private IoreqModel With(IoreqServer server, IoreqServerState state) => this with { Servers = Servers.Set((int)server, state) };
    private IoreqModel With(VcpuId vcpu, IoreqWork work) => this with { Vcpus = Vcpus.Set(vcpu.Value, work) };

    /// <summary>The window's index of a page; false outside of it.</summary>
    private bool TryIndex(Gfn page, out int index)
    {
        var at = page.Value - IoreqGuest.Window.Value;
        index = (int)at;
        return at < (ulong)P2m.Entries.Count;
    }

    public Allowed CreateServer(IoreqServer server)
    {
        if (Gone || this[server].Exists)
            return Refuse;
        var other = Servers[1 - (int)server].Id;
        return Succeed(With(server, new(other == 0 ? 1 : 0, false, false, [])));
    }

    public Allowed DestroyServer(IoreqServer server)
    {
        if (Gone)
            return Refuse;
        if (!this[server].Exists)
            return Fail(XenError.Enoent, IoreqRules.NoServer);
        var p2m = P2m;
        Machine.Destroy(ref p2m, server.Owner());
        Machine.Sweep(ref p2m);
        var vcpus = Vcpus;
        for (var vcpu = 0; vcpu < vcpus.Count; vcpu++)
            if (vcpus[vcpu] is { Stage: AccessStage.AtServer } work && work.Server == server)
                vcpus = vcpus.Set(vcpu, work with { Stage = AccessStage.Orphaned });
        return Succeed(With(server, IoreqServerState.Absent) with { P2m = p2m, Vcpus = vcpus }, IoreqRules.DestroyDeregisters);
    }

    public Allowed SetState(IoreqServer server, bool enabled) =>
        Gone ? Refuse
        : !this[server].Exists ? Fail(XenError.Enoent, IoreqRules.NoServer)
        : Succeed(With(server, this[server] with { Enabled = enabled, WasEnabled = enabled || this[server].WasEnabled }));

    public Allowed MapIoRange(IoreqServer server, IoRange range)
    {
        if (Gone)
            return Refuse;
        if (range.First > range.Last)
            return Fail(XenError.Einval, IoreqRules.RangeOrder);
        if (!this[server].Exists)
            return Fail(XenError.Enoent, IoreqRules.NoServer);
        return this[server].Ranges.Any(known => known.Overlaps(range))
            ? Fail(XenError.Eexist, IoreqRules.RangeOverlaps)
            : Succeed(With(server, this[server] with { Ranges = this[server].Ranges.Add(range) }));
    }

    public Allowed UnmapIoRange(IoreqServer server, IoRange range)
    {
        if (Gone)
            return Refuse;
        if (range.First > range.Last)
            return Fail(XenError.Einval, IoreqRules.RangeOrder);
        if (!this[server].Exists)
            return Fail(XenError.Enoent, IoreqRules.NoServer);
        var ranges = this[server].Ranges;
        var at = ranges.ToList().FindIndex(known => known.Space == range.Space && known.First <= range.First && known.Last >= range.Last);
        if (at < 0)
            return Fail(XenError.Enoent, IoreqRules.RangeUnknown);
        // A part may go: what is left stays, on one side or on both.
        var whole = ranges[at];
        var left = ranges.RemoveAt(at);
        if (whole.First < range.First)
            left = left.Add(whole with { Last = range.First - 1 });
        if (whole.Last > range.Last)
            left = left.Add(whole with { First = range.Last + 1 });
        return Succeed(With(server, this[server] with { Ranges = left }));
    }

    public Allowed MapMemType(IoreqServer server, MemType type, uint flags)
    {
        if (Gone)
            return Refuse;
        if (type != MemType.IoreqServer)
            return Fail(XenError.Einval, IoreqRules.OnlyThisType);
        if ((flags & ~MemTypeFlags.ForwardWrites) != 0)
            return Fail(XenError.Einval, IoreqRules.OnlyWrites);
        if (!this[server].Exists)
            return Fail(XenError.Enoent, IoreqRules.NoServer);
        var p2m = P2m;
        if (flags != MemTypeFlags.Unmap)
            return Answer(Machine.Attach(ref p2m, server.Owner()), p2m, IoreqRules.OneOwner);
        var outcome = Machine.Detach(ref p2m, server.Owner());
        if (outcome != P2mOutcome.Ok)
            return Answer(outcome, p2m, IoreqRules.NotTheOwner);
        Machine.Sweep(ref p2m);
        return Answer(outcome, p2m, IoreqRules.Sweep);
    }

    public Allowed SetMemType(MemType type, Gfn first, int count)
    {
        if (Gone || count < 1)
            return Refuse;
        if (!TryIndex(first, out var from) || !TryIndex(new(first.Value + (ulong)count - 1), out _))
            return Refuse;
        if (type == MemType.Unused)
            return Fail(XenError.Einval, IoreqRules.Unused);
        if (type == MemType.IoreqServer && P2m.Globals.Owner == IoreqOwner.None)
            return Fail(XenError.Einval, IoreqRules.TypeNeedsOwner);
        var p2m = P2m;
        for (var page = from; page < from + count; page++)
        {
            var outcome = type switch
            {
                MemType.IoreqServer => Machine.Mark(ref p2m, page),
                MemType.RamRo => Machine.SetPlain(ref p2m, page, P2mType.RamRo),
                MemType.MmioDm => Machine.SetPlain(ref p2m, page, P2mType.MmioDm),
                _ => Machine.SetPlain(ref p2m, page, P2mType.RamRw),
            };
            if (outcome != P2mOutcome.Ok)
                return Allowed.Only(new Failed(XenError.Einval), this with { P2m = p2m }, IoreqRules.OnlyRamRw);
        }
        return Succeed(this with { P2m = p2m });
    }

    public Allowed GetMemType(Gfn page) =>
        Gone || !TryIndex(page, out var index)
            ? Refuse
            : Allowed.Only(new TypeIs(Machine.Resolved(P2m.Entries[index], P2m.Globals).Type switch
            {
                P2mType.RamRw => MemType.RamRw,
                P2mType.IoreqServer => MemType.IoreqServer,
                P2mType.MmioDm => MemType.MmioDm,
                _ => MemType.RamRo, // log-dirty RAM is read-only for the moment
            }), this);

    public Allowed EnableLogDirty()
    {
        if (Gone)
            return Refuse;
        var p2m = P2m;
        return Machine.EnableLogDirty(ref p2m) is var outcome && outcome == P2mOutcome.Invalid
            ? Fail(XenError.Einval, IoreqRules.LogDirtyTwice)
            : Answer(outcome, p2m, IoreqRules.LogDirtyBusy);
    }

    public Allowed DisableLogDirty()
    {
        if (Gone)
            return Refuse;
        var p2m = P2m;
        return Answer(Machine.DisableLogDirty(ref p2m), p2m, IoreqRules.Logged);
    }

    public Allowed PeekDirty() => Gone ? Refuse : Allowed.Only(DirtyNow(), this, IoreqRules.Logged);

    public Allowed CleanDirty()
    {
        if (Gone)
            return Refuse;
        var p2m = P2m;
        Machine.CleanDirty(ref p2m);
        return Allowed.Only(DirtyNow(), this with { P2m = p2m }, IoreqRules.Clean);
    }

    private Dirty DirtyNow()
    {
        var (count, named) = (0, 0ul);
        for (var page = 0; page < P2m.Entries.Count; page++)
            if (P2m.Entries[page].Dirty)
            {
                count++;
                if (page < IoreqGuest.NamedPages)
                    named |= 1ul << page;
            }
        return new(count, named);
    }

    public Allowed ReadMemory(Gpa address) =>
        Gone || !TryIndex(address.Page, out _) ? Refuse : Allowed.Only(new Value((uint)Memory.Read(address.Value, 4)), this);

    public Allowed WriteMemory(Gpa address, uint value) =>
        Gone || !TryIndex(address.Page, out _) ? Refuse : Succeed(this with { Memory = Memory.Write(address.Value, 4, value) });

    public Allowed DestroyDomain() => Gone ? Refuse : Allowed.Only(new DomainGone(), this with { Gone = true }, IoreqRules.Harmless);

    private Allowed Answer(P2mOutcome outcome, P2m<ListedEntries> then, Rule rule) => outcome switch
    {
        P2mOutcome.Busy => Fail(XenError.Ebusy, rule),
        P2mOutcome.Invalid => Fail(XenError.Einval, rule),
        _ => Succeed(this with { P2m = then }, rule),
    };
}
