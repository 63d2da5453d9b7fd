using System.Text.Json.Serialization;

namespace HvLab.Reference.Xen;

/// <summary>One step of a plan; see <see cref="IPaging{TAnswer}"/> for what each means.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "op")]
[JsonDerivedType(typeof(Attach), "attach")]
[JsonDerivedType(typeof(Detach), "detach")]
[JsonDerivedType(typeof(Abandon), "abandon")]
[JsonDerivedType(typeof(Nominate), "nominate")]
[JsonDerivedType(typeof(Evict), "evict")]
[JsonDerivedType(typeof(Prepare), "prepare")]
[JsonDerivedType(typeof(Load), "load")]
[JsonDerivedType(typeof(Take), "take")]
[JsonDerivedType(typeof(Respond), "respond")]
[JsonDerivedType(typeof(RespondForPredecessor), "respond-for-predecessor")]
[JsonDerivedType(typeof(Read), "read")]
[JsonDerivedType(typeof(Write), "write")]
[JsonDerivedType(typeof(Add), "add")]
[JsonDerivedType(typeof(Fetch), "fetch")]
[JsonDerivedType(typeof(Copy), "copy")]
[JsonDerivedType(typeof(ReadThrough), "read-through")]
[JsonDerivedType(typeof(Release), "release")]
[JsonDerivedType(typeof(ReleaseThrough), "release-through")]
[JsonDerivedType(typeof(ReleaseUnpaged), "release-unpaged")]
[JsonDerivedType(typeof(Await), "await")]
[JsonDerivedType(typeof(Map), "map")]
[JsonDerivedType(typeof(AwaitMap), "await-map")]
[JsonDerivedType(typeof(Unmap), "unmap")]
[JsonDerivedType(typeof(SetMemType), "set-mem-type")]
[JsonDerivedType(typeof(Remove), "remove")]
[JsonDerivedType(typeof(LimitMemory), "limit-memory")]
[JsonDerivedType(typeof(Count), "count")]
[JsonDerivedType(typeof(Destroy), "destroy")]
[JsonDerivedType(typeof(AwaitDestroyed), "await-destroyed")]
public abstract record PagingOp
{
    private PagingOp() { } // closed: only the cases below

    public abstract T On<T>(IPaging<T> subject);

    /// <summary>The vCPU whose guest acts; null for what the pager and dom0 do.</summary>
    public static VcpuId? VcpuOf(PagingOp operation) => operation switch
    {
        Read op => op.Vcpu,
        Write op => op.Vcpu,
        Add op => op.Vcpu,
        Fetch op => op.Vcpu,
        Copy op => op.Vcpu,
        ReadThrough op => op.Vcpu,
        Release op => op.Vcpu,
        ReleaseThrough op => op.Vcpu,
        ReleaseUnpaged op => op.Vcpu,
        Await op => op.Vcpu,
        _ => null,
    };

    public sealed record Attach : PagingOp
    {
        public override T On<T>(IPaging<T> subject) => subject.Attach();
        public override string ToString() => "the pager attaches";
    }

    public sealed record Detach : PagingOp
    {
        public override T On<T>(IPaging<T> subject) => subject.Detach();
        public override string ToString() => "the pager detaches";
    }

    public sealed record Abandon : PagingOp
    {
        public override T On<T>(IPaging<T> subject) => subject.Abandon();
        public override string ToString() => "the pager dies";
    }

    public sealed record Nominate(Gfn Page) : PagingOp
    {
        public override T On<T>(IPaging<T> subject) => subject.Nominate(Page);
        public override string ToString() => $"the pager nominates {Page}";
    }

    public sealed record Evict(Gfn Page) : PagingOp
    {
        public override T On<T>(IPaging<T> subject) => subject.Evict(Page);
        public override string ToString() => $"the pager evicts {Page}";
    }

    public sealed record Prepare(Gfn Page) : PagingOp
    {
        public override T On<T>(IPaging<T> subject) => subject.Prepare(Page);
        public override string ToString() => $"the pager asks for {Page} back without content";
    }

    public sealed record Load(Gfn Page, uint Word) : PagingOp
    {
        public override T On<T>(IPaging<T> subject) => subject.Load(Page, Word);
        public override string ToString() => $"the pager loads {Page} with 0x{Word:x}";
    }

    public sealed record Take : PagingOp
    {
        public override T On<T>(IPaging<T> subject) => subject.Take();
        public override string ToString() => "the pager takes a request";
    }

    public sealed record Respond(Gfn Page, VcpuId Vcpu) : PagingOp
    {
        public override T On<T>(IPaging<T> subject) => subject.Respond(Page, Vcpu);
        public override string ToString() => $"the pager answers the request for {Page}, naming {Vcpu}";
    }

    public sealed record RespondForPredecessor(Gfn Page, VcpuId Vcpu) : PagingOp
    {
        public override T On<T>(IPaging<T> subject) => subject.RespondForPredecessor(Page, Vcpu);
        public override string ToString() => $"the pager answers its predecessor's request for {Page}, naming {Vcpu}";
    }

    public sealed record Read(VcpuId Vcpu, Gfn Page) : PagingOp
    {
        public override T On<T>(IPaging<T> subject) => subject.Read(Vcpu, Page);
        public override string ToString() => $"{Vcpu} reads {Page}";
    }

    public sealed record Write(VcpuId Vcpu, Gfn Page, uint Word) : PagingOp
    {
        public override T On<T>(IPaging<T> subject) => subject.Write(Vcpu, Page, Word);
        public override string ToString() => $"{Vcpu} writes 0x{Word:x} to {Page}";
    }

    public sealed record Add(VcpuId Vcpu, Gfn Page, uint Word) : PagingOp
    {
        public override T On<T>(IPaging<T> subject) => subject.Add(Vcpu, Page, Word);
        public override string ToString() => $"{Vcpu} adds 0x{Word:x} to {Page}";
    }

    public sealed record Fetch(VcpuId Vcpu, Gfn Page) : PagingOp
    {
        public override T On<T>(IPaging<T> subject) => subject.Fetch(Vcpu, Page);
        public override string ToString() => $"{Vcpu} executes {Page}";
    }

    public sealed record Copy(VcpuId Vcpu, Gfn From, Gfn To) : PagingOp
    {
        public override T On<T>(IPaging<T> subject) => subject.Copy(Vcpu, From, To);
        public override string ToString() => $"{Vcpu} copies {From} to {To}";
    }

    public sealed record ReadThrough(VcpuId Vcpu, Gfn Table, Gfn Page) : PagingOp
    {
        public override T On<T>(IPaging<T> subject) => subject.ReadThrough(Vcpu, Table, Page);
        public override string ToString() => $"{Vcpu} reads {Page} through the page table in {Table}";
    }

    public sealed record Release(VcpuId Vcpu, Gfn Buffer, Gfn Victim) : PagingOp
    {
        public override T On<T>(IPaging<T> subject) => subject.Release(Vcpu, Buffer, Victim);
        public override string ToString() => $"{Vcpu} releases {Victim} with a hypercall buffer in {Buffer}";
    }

    public sealed record ReleaseThrough(VcpuId Vcpu, Gfn Table, Gfn Buffer, Gfn Victim) : PagingOp
    {
        public override T On<T>(IPaging<T> subject) => subject.ReleaseThrough(Vcpu, Table, Buffer, Victim);
        public override string ToString() => $"{Vcpu} releases {Victim} with a hypercall buffer in {Buffer} through the page table in {Table}";
    }

    public sealed record ReleaseUnpaged(VcpuId Vcpu, Gfn Buffer, Gfn Victim) : PagingOp
    {
        public override T On<T>(IPaging<T> subject) => subject.ReleaseUnpaged(Vcpu, Buffer, Victim);
        public override string ToString() => $"{Vcpu}, in 32-bit mode without paging, releases {Victim} with a hypercall buffer in {Buffer}";
    }

    public sealed record Await(VcpuId Vcpu) : PagingOp
    {
        public override T On<T>(IPaging<T> subject) => subject.Await(Vcpu);
        public override string ToString() => $"{Vcpu} goes on";
    }

    public sealed record Map(Gfn Page, bool Writable) : PagingOp
    {
        public override T On<T>(IPaging<T> subject) => subject.Map(Page, Writable);
        public override string ToString() => $"dom0 maps {Page}{(Writable ? " to write" : "")}";
    }

    public sealed record AwaitMap(Gfn Page) : PagingOp
    {
        public override T On<T>(IPaging<T> subject) => subject.AwaitMap(Page);
        public override string ToString() => $"dom0 waits for its map of {Page}";
    }

    public sealed record Unmap(Gfn Page) : PagingOp
    {
        public override T On<T>(IPaging<T> subject) => subject.Unmap(Page);
        public override string ToString() => $"dom0 unmaps {Page}";
    }

    public sealed record SetMemType(Gfn Page) : PagingOp
    {
        public override T On<T>(IPaging<T> subject) => subject.SetMemType(Page);
        public override string ToString() => $"dom0 sets the type of {Page} to RAM";
    }

    public sealed record Remove(Gfn Page) : PagingOp
    {
        public override T On<T>(IPaging<T> subject) => subject.Remove(Page);
        public override string ToString() => $"dom0 takes {Page} away";
    }

    public sealed record LimitMemory(int Spare) : PagingOp
    {
        public override T On<T>(IPaging<T> subject) => subject.LimitMemory(Spare);
        public override string ToString() => $"the domain may have {Spare} pages more";
    }

    public sealed record Count : PagingOp
    {
        public override T On<T>(IPaging<T> subject) => subject.Count();
        public override string ToString() => "dom0 counts the pages";
    }

    public sealed record Destroy : PagingOp
    {
        public override T On<T>(IPaging<T> subject) => subject.Destroy();
        public override string ToString() => "dom0 destroys the domain";
    }

    public sealed record AwaitDestroyed : PagingOp
    {
        public override T On<T>(IPaging<T> subject) => subject.AwaitDestroyed();
        public override string ToString() => "dom0 waits for the end of the domain";
    }
}
