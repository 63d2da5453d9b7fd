using HvLab.Reference;
using HvLab.Reference.Xen;
using static HvLab.Reference.Xen.IoreqOp;

namespace HvLab.Harness.Scenarios.Xen;

/// <summary>The scenarios of <see cref="IoreqScenario.SubsystemName"/>; this file holds the words that they are written in.</summary>
public static partial class IoreqScenarios
{
    public static IReadOnlyList<IoreqScenario> All { get; } =
        [.. Ranges, .. Lifetimes, .. Forwarding, .. Strings, .. Types, .. ManyPages, .. TwoServers, .. Orders, .. LogDirty, .. LogDirtyWithServers, .. InFlight];

    private const IoreqServer A = IoreqServer.A, B = IoreqServer.B;
    private const MemType Ram = MemType.RamRw, ReadOnly = MemType.RamRo, Hole = MemType.MmioDm, Marked = MemType.IoreqServer;

    private static VcpuId Cpu0 => new(0);
    private static VcpuId Cpu1 => new(1);
    private static Gfn X => Page(0);
    private static Gfn Y => Page(1);
    private static Gfn Z => Page(2);

    private static IoRange Ports => new(IoSpace.Port, 0x500, 0x507);
    private static IoRange Registers => new(IoSpace.Memory, IoreqGuest.Hole.Value, IoreqGuest.Hole.Value + 0xfff);

    private static Gfn Page(int index) => new(IoreqGuest.Window.Value + (ulong)index);
    private static Gpa At(Gfn page, int offset) => new(page.Start.Value + (ulong)offset);
    private static Gpa InHole(int offset) => new(IoreqGuest.Hole.Value + (ulong)offset);

    private static IoreqOp[] Enabled(IoreqServer server) => [new CreateServer(server), new SetState(server, true)];
    private static IoreqOp Map(IoreqServer server) => new MapMemType(server, Marked, MemTypeFlags.ForwardWrites);
    private static IoreqOp Unmap(IoreqServer server) => new MapMemType(server, Marked, MemTypeFlags.Unmap);
    /// <summary>A server that has the page type.</summary>
    private static IoreqOp[] Mapped(IoreqServer server) => [.. Enabled(server), Map(server)];
    private static IoreqOp Mark(Gfn page, int count = 1) => new SetMemType(Marked, page, count);
    private static IoreqOp Unmark(Gfn page, int count = 1) => new SetMemType(Ram, page, count);

    private static IoreqOp Does(GuestAccess access, VcpuId vcpu = default) => new Access(vcpu, access);
    private static IoreqOp Read(Gpa address, VcpuId vcpu = default) => Does(new GuestAccess.Read(address), vcpu);
    private static IoreqOp Write(Gpa address, uint value, VcpuId vcpu = default) => Does(new GuestAccess.Write(address, value), vcpu);
    private static IoreqOp In(int port, VcpuId vcpu = default) => Does(new GuestAccess.In((ushort)port), vcpu);
    private static IoreqOp Out(int port, uint value, VcpuId vcpu = default) => Does(new GuestAccess.Out((ushort)port, value), vcpu);
    private static IoreqOp Answer(IoreqServer server, uint data = 0, VcpuId vcpu = default) => new Respond(server, vcpu, data);
    private static IoreqOp[] Answers(IoreqServer server, int count) => [.. Enumerable.Repeat(Answer(server), count)];
    private static IoreqOp Looks(VcpuId vcpu = default) => new Await(vcpu);
    private static IoreqOp Survey(Gfn first, int count) => new IoreqOp.Survey(Cpu0, first, count);
}
