using HvLab.Reference.Models.Fuzz;
using HvLab.Reference.Models.Xen;
using HvLab.Reference.Xen;

namespace HvLab.Reference.Tests.Fuzz;

/// <summary>Xen's page sharing in this process: does as a model says, and chooses where more than one answer is allowed.</summary>
internal sealed class SharingMachine(SharingModel start, Random random) : ISharing<SharingSeen>
{
    private readonly Follower<SharingModel, SharingSeen> _at = new(start, random);

    private SharingSeen Do(SharingOp operation) => _at.Choose(state => operation.On(state));

    public SharingSeen Control(SharingDomain domain, bool enable) => Do(new SharingOp.Control(domain, enable));
    public SharingSeen Nominate(SharingDomain domain, Gfn page, SharingHandle into) => Do(new SharingOp.Nominate(domain, page, into));
    public SharingSeen Share(SharingPage source, SharingHandle sourceHandle, SharingPage client, SharingHandle clientHandle) => Do(new SharingOp.Share(source, sourceHandle, client, clientHandle));
    public SharingSeen AddToPhysmap(SharingPage source, SharingHandle sourceHandle, SharingPage client) => Do(new SharingOp.AddToPhysmap(source, sourceHandle, client));
    public SharingSeen RangeShare(SharingDomain source, SharingDomain client, Gfn first, Gfn last) => Do(new SharingOp.RangeShare(source, client, first, last));
    public SharingSeen CountReferences(SharingDomain domain, Gfn page) => Do(new SharingOp.CountReferences(domain, page));
    public SharingSeen Write(SharingDomain domain, VcpuId vcpu, Gfn page, SharingWord word, uint value) => Do(new SharingOp.Write(domain, vcpu, page, word, value));
    public SharingSeen Read(SharingDomain domain, VcpuId vcpu, Gfn page, SharingWord word) => Do(new SharingOp.Read(domain, vcpu, page, word));
    public SharingSeen Await(SharingDomain domain, VcpuId vcpu) => Do(new SharingOp.Await(domain, vcpu));
    public SharingSeen Map(SharingMap map, SharingDomain domain, Gfn page, bool writable) => Do(new SharingOp.Map(map, domain, page, writable));
    public SharingSeen WriteMap(SharingMap map, SharingWord word, uint value) => Do(new SharingOp.WriteMap(map, word, value));
    public SharingSeen Unmap(SharingMap map) => Do(new SharingOp.Unmap(map));
    public SharingSeen SetSpare(SharingDomain domain, int spare) => Do(new SharingOp.SetSpare(domain, spare));
    public SharingSeen Remove(SharingDomain domain, Gfn page) => Do(new SharingOp.Remove(domain, page));
    public SharingSeen Populate(SharingDomain domain, Gfn page) => Do(new SharingOp.Populate(domain, page));
    public SharingSeen EnableRing(SharingDomain domain) => Do(new SharingOp.EnableRing(domain));
    public SharingSeen DisableRing(SharingDomain domain) => Do(new SharingOp.DisableRing(domain));
    public SharingSeen TakeRequest(SharingDomain domain) => Do(new SharingOp.TakeRequest(domain));
    public SharingSeen Respond(SharingDomain domain, SharingKick kick) => Do(new SharingOp.Respond(domain, kick));
    public SharingSeen Resume(SharingDomain domain) => Do(new SharingOp.Resume(domain));
    public SharingSeen LogDirty(SharingDomain domain, bool enable) => Do(new SharingOp.LogDirty(domain, enable));
    public SharingSeen ReadDirty(SharingDomain domain, bool clean) => Do(new SharingOp.ReadDirty(domain, clean));
    public SharingSeen EnablePaging(SharingDomain domain) => Do(new SharingOp.EnablePaging(domain));
    public SharingSeen PageOut(SharingDomain domain, Gfn page) => Do(new SharingOp.PageOut(domain, page));
    public SharingSeen PageIn(SharingDomain domain, Gfn page) => Do(new SharingOp.PageIn(domain, page));
    public SharingSeen Pause(SharingDomain domain) => Do(new SharingOp.Pause(domain));
    public SharingSeen Unpause(SharingDomain domain) => Do(new SharingOp.Unpause(domain));
    public SharingSeen Destroy(SharingDomain domain) => Do(new SharingOp.Destroy(domain));
    public SharingSeen Create(SharingDomain domain) => Do(new SharingOp.Create(domain));
}
