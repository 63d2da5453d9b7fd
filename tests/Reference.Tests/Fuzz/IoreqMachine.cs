using HvLab.Reference.Models.Fuzz;
using HvLab.Reference.Models.Xen.Ioreq;
using HvLab.Reference.Xen;

namespace HvLab.Reference.Tests.Fuzz;

/// <summary>Xen's ioreq servers in this process: does as a model says, and chooses where more than one answer is allowed.</summary>
internal sealed class IoreqMachine(IoreqModel start, Random random) : IIoreq<IoreqSeen>
{
    private readonly Follower<IoreqModel, IoreqSeen> _at = new(start, random);

    private IoreqSeen Do(IoreqOp operation) => _at.Choose(state => operation.On(state));

    public IoreqSeen CreateServer(IoreqServer server) => Do(new IoreqOp.CreateServer(server));
    public IoreqSeen DestroyServer(IoreqServer server) => Do(new IoreqOp.DestroyServer(server));
    public IoreqSeen SetState(IoreqServer server, bool enabled) => Do(new IoreqOp.SetState(server, enabled));
    public IoreqSeen MapIoRange(IoreqServer server, IoRange range) => Do(new IoreqOp.MapIoRange(server, range));
    public IoreqSeen UnmapIoRange(IoreqServer server, IoRange range) => Do(new IoreqOp.UnmapIoRange(server, range));
    public IoreqSeen MapMemType(IoreqServer server, MemType type, uint flags) => Do(new IoreqOp.MapMemType(server, type, flags));
    public IoreqSeen SetMemType(MemType type, Gfn first, int count) => Do(new IoreqOp.SetMemType(type, first, count));
    public IoreqSeen GetMemType(Gfn page) => Do(new IoreqOp.GetMemType(page));
    public IoreqSeen Access(VcpuId vcpu, GuestAccess access) => Do(new IoreqOp.Access(vcpu, access));
    public IoreqSeen Await(VcpuId vcpu) => Do(new IoreqOp.Await(vcpu));
    public IoreqSeen Respond(IoreqServer server, VcpuId vcpu, uint data) => Do(new IoreqOp.Respond(server, vcpu, data));
    public IoreqSeen Survey(VcpuId vcpu, Gfn first, int count) => Do(new IoreqOp.Survey(vcpu, first, count));
    public IoreqSeen EnableLogDirty() => Do(new IoreqOp.EnableLogDirty());
    public IoreqSeen DisableLogDirty() => Do(new IoreqOp.DisableLogDirty());
    public IoreqSeen PeekDirty() => Do(new IoreqOp.PeekDirty());
    public IoreqSeen CleanDirty() => Do(new IoreqOp.CleanDirty());
    public IoreqSeen ReadMemory(Gpa address) => Do(new IoreqOp.ReadMemory(address));
    public IoreqSeen WriteMemory(Gpa address, uint value) => Do(new IoreqOp.WriteMemory(address, value));
    public IoreqSeen DestroyDomain() => Do(new IoreqOp.DestroyDomain());
}
