using System.Text.Json.Serialization;

namespace HvLab.Reference.Kvm;

/// <summary>One step of a plan; see <see cref="IAsyncPf{TAnswer}"/> for what each means.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "op")]
[JsonDerivedType(typeof(WriteMsr), "write-msr")]
[JsonDerivedType(typeof(ReadMsr), "read-msr")]
[JsonDerivedType(typeof(Touch), "touch")]
[JsonDerivedType(typeof(Halt), "halt")]
[JsonDerivedType(typeof(Poll), "poll")]
[JsonDerivedType(typeof(Idle), "idle")]
[JsonDerivedType(typeof(Await), "await")]
[JsonDerivedType(typeof(Acknowledge), "acknowledge")]
[JsonDerivedType(typeof(SetLapic), "set-lapic")]
[JsonDerivedType(typeof(AwaitRequest), "await-request")]
[JsonDerivedType(typeof(Supply), "supply")]
[JsonDerivedType(typeof(Evict), "evict")]
[JsonDerivedType(typeof(RemoveMemslot), "remove-memslot")]
[JsonDerivedType(typeof(MoveToNewVm), "move-to-new-vm")]
[JsonDerivedType(typeof(DestroyVm), "destroy-vm")]
[JsonDerivedType(typeof(AwaitDestroyed), "await-destroyed")]
public abstract record AsyncPfOp
{
    private AsyncPfOp() { } // closed: only the cases below

    public abstract T On<T>(IAsyncPf<T> subject);

    /// <summary>The vCPU whose guest acts; null for what the pager and the VMM do.</summary>
    public static VcpuId? VcpuOf(AsyncPfOp operation) => operation switch
    {
        WriteMsr op => op.Vcpu,
        ReadMsr op => op.Vcpu,
        Touch op => op.Vcpu,
        Halt op => op.Vcpu,
        Idle op => op.Vcpu,
        Poll op => op.Vcpu,
        Await op => op.Vcpu,
        Acknowledge op => op.Vcpu,
        SetLapic op => op.Vcpu,
        _ => null,
    };

    public sealed record WriteMsr(VcpuId Vcpu, AsyncPfMsr Msr, ulong Value) : AsyncPfOp
    {
        public override T On<T>(IAsyncPf<T> subject) => subject.WriteMsr(Vcpu, Msr, Value);
        public override string ToString() => $"{Vcpu} writes 0x{Value:x} to the {Msr} MSR";
    }

    public sealed record ReadMsr(VcpuId Vcpu, AsyncPfMsr Msr) : AsyncPfOp
    {
        public override T On<T>(IAsyncPf<T> subject) => subject.ReadMsr(Vcpu, Msr);
        public override string ToString() => $"{Vcpu} reads the {Msr} MSR";
    }

    public sealed record Touch(VcpuId Vcpu, Gfn Page, Access Access, GuestMode Mode) : AsyncPfOp
    {
        public override T On<T>(IAsyncPf<T> subject) => subject.Touch(Vcpu, Page, Access, Mode);
        public override string ToString() =>
            $"{Vcpu} {Access switch { Access.Read => "reads", Access.Write => "writes", _ => "fetches from" }} {Page} at {Mode}";
    }

    public sealed record Halt(VcpuId Vcpu) : AsyncPfOp
    {
        public override T On<T>(IAsyncPf<T> subject) => subject.Halt(Vcpu);
        public override string ToString() => $"{Vcpu} halts";
    }

    public sealed record Poll(VcpuId Vcpu) : AsyncPfOp
    {
        public override T On<T>(IAsyncPf<T> subject) => subject.Poll(Vcpu);
        public override string ToString() => $"{Vcpu} runs with interrupts enabled";
    }

    public sealed record Idle(VcpuId Vcpu) : AsyncPfOp
    {
        public override T On<T>(IAsyncPf<T> subject) => subject.Idle(Vcpu);
        public override string ToString() => $"{Vcpu} idles until a READY";
    }

    public sealed record Await(VcpuId Vcpu) : AsyncPfOp
    {
        public override T On<T>(IAsyncPf<T> subject) => subject.Await(Vcpu);
        public override string ToString() => $"{Vcpu} goes on";
    }

    public sealed record Acknowledge(VcpuId Vcpu) : AsyncPfOp
    {
        public override T On<T>(IAsyncPf<T> subject) => subject.Acknowledge(Vcpu);
        public override string ToString() => $"{Vcpu} clears the token and acknowledges";
    }

    public sealed record SetLapic(VcpuId Vcpu, Lapic State) : AsyncPfOp
    {
        public override T On<T>(IAsyncPf<T> subject) => subject.SetLapic(Vcpu, State);
        public override string ToString() => $"{Vcpu} sets its LAPIC to {State}";
    }

    public sealed record AwaitRequest(Gfn Page) : AsyncPfOp
    {
        public override T On<T>(IAsyncPf<T> subject) => subject.AwaitRequest(Page);
        public override string ToString() => $"the pager waits for a request for {Page}";
    }

    public sealed record Supply(Gfn Page) : AsyncPfOp
    {
        public override T On<T>(IAsyncPf<T> subject) => subject.Supply(Page);
        public override string ToString() => $"the pager supplies {Page}";
    }

    public sealed record Evict(Gfn Page) : AsyncPfOp
    {
        public override T On<T>(IAsyncPf<T> subject) => subject.Evict(Page);
        public override string ToString() => $"the pager evicts {Page}";
    }

    public sealed record RemoveMemslot : AsyncPfOp
    {
        public override T On<T>(IAsyncPf<T> subject) => subject.RemoveMemslot();
        public override string ToString() => "the VMM removes the memslot";
    }

    public sealed record MoveToNewVm : AsyncPfOp
    {
        public override T On<T>(IAsyncPf<T> subject) => subject.MoveToNewVm();
        public override string ToString() => "the VMM saves the vCPU and restores it into a new VM";
    }

    public sealed record DestroyVm : AsyncPfOp
    {
        public override T On<T>(IAsyncPf<T> subject) => subject.DestroyVm();
        public override string ToString() => "the VMM closes the VM";
    }

    public sealed record AwaitDestroyed : AsyncPfOp
    {
        public override T On<T>(IAsyncPf<T> subject) => subject.AwaitDestroyed();
        public override string ToString() => "the VMM waits for the end of the VM";
    }
}
