using HvLab.Reference.Models.Fuzz;
using HvLab.Reference.Models.Xen;
using HvLab.Reference.Xen;

namespace HvLab.Reference.Tests.Fuzz;

/// <summary>Xen's memory paging in this process: does as a model says, and chooses where more than one answer is allowed.</summary>
internal sealed class PagingMachine(PagingModel start, Random random) : IPaging<PagingSeen>
{
    private readonly Follower<PagingModel, PagingSeen> _at = new(start, random);

    private PagingSeen Do(PagingOp operation) => _at.Choose(state => operation.On(state));

    public PagingSeen Attach() => Do(new PagingOp.Attach());
    public PagingSeen Detach() => Do(new PagingOp.Detach());
    public PagingSeen Abandon() => Do(new PagingOp.Abandon());
    public PagingSeen Nominate(Gfn page) => Do(new PagingOp.Nominate(page));
    public PagingSeen Evict(Gfn page) => Do(new PagingOp.Evict(page));
    public PagingSeen Prepare(Gfn page) => Do(new PagingOp.Prepare(page));
    public PagingSeen Load(Gfn page, uint word) => Do(new PagingOp.Load(page, word));
    public PagingSeen Take() => Do(new PagingOp.Take());
    public PagingSeen Respond(Gfn page, VcpuId vcpu) => Do(new PagingOp.Respond(page, vcpu));
    public PagingSeen RespondForPredecessor(Gfn page, VcpuId vcpu) => Do(new PagingOp.RespondForPredecessor(page, vcpu));
    public PagingSeen Read(VcpuId vcpu, Gfn page) => Do(new PagingOp.Read(vcpu, page));
    public PagingSeen Write(VcpuId vcpu, Gfn page, uint word) => Do(new PagingOp.Write(vcpu, page, word));
    public PagingSeen Add(VcpuId vcpu, Gfn page, uint word) => Do(new PagingOp.Add(vcpu, page, word));
    public PagingSeen Fetch(VcpuId vcpu, Gfn page) => Do(new PagingOp.Fetch(vcpu, page));
    public PagingSeen Copy(VcpuId vcpu, Gfn from, Gfn to) => Do(new PagingOp.Copy(vcpu, from, to));
    public PagingSeen ReadThrough(VcpuId vcpu, Gfn table, Gfn page) => Do(new PagingOp.ReadThrough(vcpu, table, page));
    public PagingSeen Release(VcpuId vcpu, Gfn buffer, Gfn victim) => Do(new PagingOp.Release(vcpu, buffer, victim));
    public PagingSeen ReleaseThrough(VcpuId vcpu, Gfn table, Gfn buffer, Gfn victim) => Do(new PagingOp.ReleaseThrough(vcpu, table, buffer, victim));
    public PagingSeen ReleaseUnpaged(VcpuId vcpu, Gfn buffer, Gfn victim) => Do(new PagingOp.ReleaseUnpaged(vcpu, buffer, victim));
    public PagingSeen Await(VcpuId vcpu) => Do(new PagingOp.Await(vcpu));
    public PagingSeen Map(Gfn page, bool writable) => Do(new PagingOp.Map(page, writable));
    public PagingSeen AwaitMap(Gfn page) => Do(new PagingOp.AwaitMap(page));
    public PagingSeen Unmap(Gfn page) => Do(new PagingOp.Unmap(page));
    public PagingSeen SetMemType(Gfn page) => Do(new PagingOp.SetMemType(page));
    public PagingSeen Remove(Gfn page) => Do(new PagingOp.Remove(page));
    public PagingSeen LimitMemory(int spare) => Do(new PagingOp.LimitMemory(spare));
    public PagingSeen Count() => Do(new PagingOp.Count());
    public PagingSeen Destroy() => Do(new PagingOp.Destroy());
    public PagingSeen AwaitDestroyed() => Do(new PagingOp.AwaitDestroyed());
}
