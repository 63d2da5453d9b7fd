using HvLab.Reference.Kvm;
using HvLab.Reference.Models;
using HvLab.Reference.Models.Fuzz;
using HvLab.Reference.Models.Kvm;

namespace HvLab.Reference.Tests.Fuzz;

using Allowed = Allowed<AsyncPfModel, AsyncPfSeen>;

/// <summary>KVM in this process: does as the model says, or as the model with a fault says, and chooses where more than one answer is allowed.</summary>
/// <param name="fault">What is wrong with it besides: changes an answer, or what comes of it.</param>
internal sealed class AsyncPfMachine(AsyncPfModel start, Random random, Func<AsyncPfModel, AsyncPfOp, Allowed, Allowed>? fault = null) : IAsyncPf<AsyncPfSeen>
{
    private readonly Follower<AsyncPfModel, AsyncPfSeen> _at = new(start, random);

    private AsyncPfSeen Do(AsyncPfOp operation) =>
        _at.Choose(state => operation.On(state) is var allowed && fault is not null ? fault(state, operation, allowed) : allowed);

    public AsyncPfSeen WriteMsr(VcpuId vcpu, AsyncPfMsr msr, ulong value) => Do(new AsyncPfOp.WriteMsr(vcpu, msr, value));
    public AsyncPfSeen ReadMsr(VcpuId vcpu, AsyncPfMsr msr) => Do(new AsyncPfOp.ReadMsr(vcpu, msr));
    public AsyncPfSeen Touch(VcpuId vcpu, Gfn page, Access access, GuestMode mode) => Do(new AsyncPfOp.Touch(vcpu, page, access, mode));
    public AsyncPfSeen Halt(VcpuId vcpu) => Do(new AsyncPfOp.Halt(vcpu));
    public AsyncPfSeen Poll(VcpuId vcpu) => Do(new AsyncPfOp.Poll(vcpu));
    public AsyncPfSeen Idle(VcpuId vcpu) => Do(new AsyncPfOp.Idle(vcpu));
    public AsyncPfSeen Await(VcpuId vcpu) => Do(new AsyncPfOp.Await(vcpu));
    public AsyncPfSeen Acknowledge(VcpuId vcpu) => Do(new AsyncPfOp.Acknowledge(vcpu));
    public AsyncPfSeen SetLapic(VcpuId vcpu, Lapic state) => Do(new AsyncPfOp.SetLapic(vcpu, state));
    public AsyncPfSeen AwaitRequest(Gfn page) => Do(new AsyncPfOp.AwaitRequest(page));
    public AsyncPfSeen Supply(Gfn page) => Do(new AsyncPfOp.Supply(page));
    public AsyncPfSeen Evict(Gfn page) => Do(new AsyncPfOp.Evict(page));
    public AsyncPfSeen RemoveMemslot() => Do(new AsyncPfOp.RemoveMemslot());
    public AsyncPfSeen MoveToNewVm() => Do(new AsyncPfOp.MoveToNewVm());
    public AsyncPfSeen DestroyVm() => Do(new AsyncPfOp.DestroyVm());
    public AsyncPfSeen AwaitDestroyed() => Do(new AsyncPfOp.AwaitDestroyed());
}
