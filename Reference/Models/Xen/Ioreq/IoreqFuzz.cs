using HvLab.Reference.Models.Fuzz;
using HvLab.Reference.Xen;
using static HvLab.Reference.Xen.IoreqOp;

namespace HvLab.Reference.Models.Xen.Ioreq;

/// <summary>Xen's ioreq servers and log-dirty in random plans: two servers, a vCPU or two, a window of four pages.</summary>
/// <param name="documented">What is judged by, unless a quirk says otherwise.</param>
public sealed class IoreqFuzz(IoreqDesign? documented = null) : FuzzSubject<IoreqModel, IoreqOp, IoreqSeen>
{
    /// <summary>Of every plan.</summary>
    public const int Vcpus = 2, Pages = 4;

    private const IoreqServer A = IoreqServer.A, B = IoreqServer.B;
    private const MemType Marked = MemType.IoreqServer;
    private const ulong WordOffset = 0x40;

    public override string Name => "xen-ioreq";

    public override IReadOnlyList<Choice<IoreqOp>> Operations { get; } = [.. Make(Vcpus, Pages)];

    public override IReadOnlyList<Opening<IoreqOp>> Openings { get; } =
    [
        new(2),
        new(6, Mapped(A)),
        new(3, [.. Mapped(A), new CreateServer(B), new SetState(B, true)]),
        new(2, [new EnableLogDirty(), .. Mapped(A)]),
    ];

    public override IReadOnlyList<Quirk> Quirks { get; } = [new(IoreqDesigns.Xen.Name, "xen-ioreq/destroyed-server-leaves-no-pages")];

    public override IoreqModel StartOf(IReadOnlyCollection<string> quirks) =>
        At(quirks.Contains(IoreqDesigns.Xen.Name) ? IoreqDesigns.Xen : documented ?? IoreqDesigns.SweepOnDetach, Vcpus, Pages);

    public override Allowed<IoreqModel, IoreqSeen> Apply(IoreqOp operation, IoreqModel state)
    {
        ArgumentNullException.ThrowIfNull(operation);
        return operation.On(state);
    }

    public override bool IsRefusal(IoreqSeen seen) => seen is IoreqSeen.Refused;
    public override bool IsSlow(IoreqSeen seen) => seen is IoreqSeen.DomainStays;

    public override string KindOf(IoreqOp operation) => operation switch
    {
        Access access => KebabName.Of(access.What.GetType()),
        SetMemType set => $"set-{KebabName.Of(set.Type)}",
        SetState state => state.Enabled ? "enable-server" : "disable-server",
        MapMemType map => map.Flags == MemTypeFlags.Unmap ? "unmap-mem-type" : "map-mem-type",
        _ => base.KindOf(operation),
    };

    public override string KindOf(IoreqSeen seen) => seen is IoreqSeen.Failed failed ? $"{failed.Error}" : base.KindOf(seen);

    public override string ShapeOf(IoreqModel state, IoreqOp operation)
    {
        if (state.Gone)
            return "domain gone";
        var owner = state.P2m.Globals.Owner;
        var kinds = string.Join("+", Enumerable.Range(0, state.P2m.Entries.Count)
            .Select(page => state.Machine.Resolved(state.P2m.Entries[page], state.P2m.Globals).Type).Distinct().Order());
        var servers = string.Join(" ", state.Servers.Select((server, index) => $"{(char)('A' + index)}{(!server.Exists ? "-" : server.Enabled ? "+" : "0")}"));
        var work = VcpuOf(operation) is { } vcpu && vcpu.Value < state.Vcpus.Count ? $", vcpu {KebabName.Of(state.Vcpus[vcpu.Value].Stage)}" : "";
        return $"servers {servers}, type of {owner.ToString().ToLowerInvariant()}, pages {kinds}, log-dirty {(state.P2m.Globals.LogDirty ? "on" : "off")}{work}";
    }

    public override IEnumerable<IoreqOp> Simpler(IoreqOp operation)
    {
        var first = IoreqGuest.Window;
        return operation switch
        {
            SetMemType op when op.First != first || op.Count > 1 => [op with { First = first, Count = 1 }],
            GetMemType op when op.Page != first => [op with { Page = first }],
            Access { What: GuestAccess.Write write } op when write.Address != Word(0) => [op with { What = write with { Address = Word(0) } }],
            Access { What: GuestAccess.Read read } op when read.Address != Word(0) => [op with { What = read with { Address = Word(0) } }],
            Access { What: GuestAccess.Add or GuestAccess.Store or GuestAccess.Copy } op => [op with { What = new GuestAccess.Write(Word(0), 0x11) }],
            ReadMemory op when op.Address != Word(0) => [new ReadMemory(Word(0))],
            Access { Vcpu.Value: > 0 } op => [op with { Vcpu = new(0) }],
            Await { Vcpu.Value: > 0 } => [new Await(new(0))],
            Respond { Vcpu.Value: > 0 } op => [op with { Vcpu = new(0) }],
            _ => [],
        };
    }

    public override (IoreqModel Start, IReadOnlyList<IoreqOp> Operations) Bounded =>
        (At(documented ?? IoreqDesigns.SweepOnDetach, 1, 1), [.. Make(1, 1).Select(choice => choice.Operation).Where(IsOfPages)]);

    public override string BoundedTo => "1 vCPU, 1 page, no ranges";

    private static bool IsOfPages(IoreqOp operation) => operation is not (MapIoRange or UnmapIoRange or ReadMemory or SetMemType { Type: MemType.RamRo }
        or Access { What: GuestAccess.In or GuestAccess.Out or GuestAccess.Add or GuestAccess.Store or GuestAccess.Write { Value: 0x44 } });

    private static IoreqModel At(IoreqDesign design, int vcpus, int pages) => IoreqModel.AtStart(new(design), vcpus, pages);

    private static IEnumerable<Choice<IoreqOp>> Make(int vcpus, int pages)
    {
        var (ports, registers) = (new IoRange(IoSpace.Port, 0x500, 0x507), new IoRange(IoSpace.Memory, IoreqGuest.Hole.Value, IoreqGuest.Hole.Value + 0xfff));
        foreach (var server in (IoreqServer[])[A, B])
        {
            yield return new(8, new CreateServer(server));
            yield return new(5, new DestroyServer(server));
            yield return new(10, new SetState(server, true));
            yield return new(3, new SetState(server, false));
            foreach (var range in (IoRange[])[ports, registers])
            {
                yield return new(4, new MapIoRange(server, range));
                yield return new(2, new UnmapIoRange(server, range));
            }
            yield return new(10, new MapMemType(server, Marked, MemTypeFlags.ForwardWrites));
            yield return new(8, new MapMemType(server, Marked, MemTypeFlags.Unmap));
            yield return new(1, new MapMemType(server, Marked, MemTypeFlags.ForwardReads));
            foreach (var vcpu in Enumerable.Range(0, vcpus))
                yield return new(40, new Respond(server, new(vcpu), 0x77));
        }
        for (var page = 0; page < pages; page++)
        {
            yield return new(12, new SetMemType(Marked, Page(page), 1));
            yield return new(6, new SetMemType(MemType.RamRw, Page(page), 1));
            yield return new(1, new SetMemType(MemType.RamRo, Page(page), 1));
            yield return new(4, new GetMemType(Page(page)));
            yield return new(2, new ReadMemory(Word(page)));
            foreach (var vcpu in Enumerable.Range(0, vcpus).Select(id => new VcpuId(id)))
            {
                yield return new(8, new Access(vcpu, new GuestAccess.Write(Word(page), 0x11 + (uint)page)));
                yield return new(4, new Access(vcpu, new GuestAccess.Read(Word(page))));
                yield return new(2, new Access(vcpu, new GuestAccess.Add(Word(page), 3)));
                yield return new(1, new Access(vcpu, new GuestAccess.Store(Word(page), 0x22, 2)));
            }
        }
        foreach (var vcpu in Enumerable.Range(0, vcpus).Select(id => new VcpuId(id)))
        {
            yield return new(2, new Access(vcpu, new GuestAccess.In(0x500)));
            yield return new(2, new Access(vcpu, new GuestAccess.Out(0x500, 0x33)));
            yield return new(2, new Access(vcpu, new GuestAccess.Write(IoreqGuest.Hole, 0x44)));
            yield return new(25, new Await(vcpu));
            yield return new(3, new Survey(vcpu, Page(0), pages));
        }
        if (pages > 1)
        {
            yield return new(4, new SetMemType(Marked, Page(0), pages));
            yield return new(2, new SetMemType(MemType.RamRw, Page(0), pages));
            yield return new(2, new Access(new(0), new GuestAccess.Write(new(Page(1).Start.Value - 2), 0x5566_7788)));
        }
        yield return new(8, new EnableLogDirty());
        yield return new(6, new DisableLogDirty());
        yield return new(8, new PeekDirty());
        yield return new(8, new CleanDirty());
        yield return new(1, new DestroyDomain());
    }

    private static IoreqOp[] Mapped(IoreqServer server) =>
        [new CreateServer(server), new SetState(server, true), new MapMemType(server, Marked, MemTypeFlags.ForwardWrites)];

    private static Gfn Page(int index) => new(IoreqGuest.Window.Value + (ulong)index);
    private static Gpa Word(int page) => new(Page(page).Start.Value + WordOffset);
}
