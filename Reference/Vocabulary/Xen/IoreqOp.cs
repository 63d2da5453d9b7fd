using System.Text.Json.Serialization;

namespace HvLab.Reference.Xen;

/// <summary>One step of a plan; see <see cref="IIoreq{TAnswer}"/> for what each means.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "op")]
[JsonDerivedType(typeof(CreateServer), "create-server")]
[JsonDerivedType(typeof(DestroyServer), "destroy-server")]
[JsonDerivedType(typeof(SetState), "set-state")]
[JsonDerivedType(typeof(MapIoRange), "map-io-range")]
[JsonDerivedType(typeof(UnmapIoRange), "unmap-io-range")]
[JsonDerivedType(typeof(MapMemType), "map-mem-type")]
[JsonDerivedType(typeof(SetMemType), "set-mem-type")]
[JsonDerivedType(typeof(GetMemType), "get-mem-type")]
[JsonDerivedType(typeof(Access), "access")]
[JsonDerivedType(typeof(Await), "await")]
[JsonDerivedType(typeof(Respond), "respond")]
[JsonDerivedType(typeof(Survey), "survey")]
[JsonDerivedType(typeof(EnableLogDirty), "enable-log-dirty")]
[JsonDerivedType(typeof(DisableLogDirty), "disable-log-dirty")]
[JsonDerivedType(typeof(PeekDirty), "peek-dirty")]
[JsonDerivedType(typeof(CleanDirty), "clean-dirty")]
[JsonDerivedType(typeof(ReadMemory), "read-memory")]
[JsonDerivedType(typeof(WriteMemory), "write-memory")]
[JsonDerivedType(typeof(DestroyDomain), "destroy-domain")]
public abstract record IoreqOp
{
    private IoreqOp() { } // closed: only the cases below

    public abstract T On<T>(IIoreq<T> subject);

    /// <summary>The vCPU whose guest acts, or whose request is answered; null for what dom0 does.</summary>
    public static VcpuId? VcpuOf(IoreqOp operation) => operation switch
    {
        Access op => op.Vcpu,
        Await op => op.Vcpu,
        Respond op => op.Vcpu,
        Survey op => op.Vcpu,
        _ => null,
    };

    public sealed record CreateServer(IoreqServer Server) : IoreqOp
    {
        public override T On<T>(IIoreq<T> subject) => subject.CreateServer(Server);
        public override string ToString() => $"server {Server} is created";
    }

    public sealed record DestroyServer(IoreqServer Server) : IoreqOp
    {
        public override T On<T>(IIoreq<T> subject) => subject.DestroyServer(Server);
        public override string ToString() => $"server {Server} is destroyed";
    }

    public sealed record SetState(IoreqServer Server, bool Enabled) : IoreqOp
    {
        public override T On<T>(IIoreq<T> subject) => subject.SetState(Server, Enabled);
        public override string ToString() => $"server {Server} is {(Enabled ? "enabled" : "disabled")}";
    }

    public sealed record MapIoRange(IoreqServer Server, IoRange Range) : IoreqOp
    {
        public override T On<T>(IIoreq<T> subject) => subject.MapIoRange(Server, Range);
        public override string ToString() => $"server {Server} claims {Range}";
    }

    public sealed record UnmapIoRange(IoreqServer Server, IoRange Range) : IoreqOp
    {
        public override T On<T>(IIoreq<T> subject) => subject.UnmapIoRange(Server, Range);
        public override string ToString() => $"server {Server} gives {Range} back";
    }

    public sealed record MapMemType(IoreqServer Server, MemType Type, uint Flags) : IoreqOp
    {
        public override T On<T>(IIoreq<T> subject) => subject.MapMemType(Server, Type, Flags);
        public override string ToString() =>
            Flags == MemTypeFlags.Unmap ? $"server {Server} unmaps type {Type}" : $"server {Server} maps type {Type}, flags {Flags}";
    }

    public sealed record SetMemType(MemType Type, Gfn First, int Count) : IoreqOp
    {
        public override T On<T>(IIoreq<T> subject) => subject.SetMemType(Type, First, Count);
        public override string ToString() => Count == 1 ? $"{First} is set to {Type}" : $"{Count} pages from {First} are set to {Type}";
    }

    public sealed record GetMemType(Gfn Page) : IoreqOp
    {
        public override T On<T>(IIoreq<T> subject) => subject.GetMemType(Page);
        public override string ToString() => $"which type has {Page}";
    }

    public sealed record Access(VcpuId Vcpu, GuestAccess What) : IoreqOp
    {
        public override T On<T>(IIoreq<T> subject) => subject.Access(Vcpu, What);
        public override string ToString() => $"{Vcpu} {What}";
    }

    public sealed record Await(VcpuId Vcpu) : IoreqOp
    {
        public override T On<T>(IIoreq<T> subject) => subject.Await(Vcpu);
        public override string ToString() => $"{Vcpu} goes on";
    }

    public sealed record Respond(IoreqServer Server, VcpuId Vcpu, uint Data) : IoreqOp
    {
        public override T On<T>(IIoreq<T> subject) => subject.Respond(Server, Vcpu, Data);
        public override string ToString() => $"server {Server} answers {Vcpu} with 0x{Data:x}";
    }

    public sealed record Survey(VcpuId Vcpu, Gfn First, int Count) : IoreqOp
    {
        public override T On<T>(IIoreq<T> subject) => subject.Survey(Vcpu, First, Count);
        public override string ToString() => $"{Vcpu} writes to each of {Count} pages from {First}";
    }

    public sealed record EnableLogDirty : IoreqOp
    {
        public override T On<T>(IIoreq<T> subject) => subject.EnableLogDirty();
        public override string ToString() => "log-dirty is enabled";
    }

    public sealed record DisableLogDirty : IoreqOp
    {
        public override T On<T>(IIoreq<T> subject) => subject.DisableLogDirty();
        public override string ToString() => "log-dirty is disabled";
    }

    public sealed record PeekDirty : IoreqOp
    {
        public override T On<T>(IIoreq<T> subject) => subject.PeekDirty();
        public override string ToString() => "the dirty pages are read";
    }

    public sealed record CleanDirty : IoreqOp
    {
        public override T On<T>(IIoreq<T> subject) => subject.CleanDirty();
        public override string ToString() => "the dirty pages are read and cleaned";
    }

    public sealed record ReadMemory(Gpa Address) : IoreqOp
    {
        public override T On<T>(IIoreq<T> subject) => subject.ReadMemory(Address);
        public override string ToString() => $"dom0 reads {Address}";
    }

    public sealed record WriteMemory(Gpa Address, uint Value) : IoreqOp
    {
        public override T On<T>(IIoreq<T> subject) => subject.WriteMemory(Address, Value);
        public override string ToString() => $"dom0 writes 0x{Value:x} to {Address}";
    }

    public sealed record DestroyDomain : IoreqOp
    {
        public override T On<T>(IIoreq<T> subject) => subject.DestroyDomain();
        public override string ToString() => "the domain is destroyed";
    }
}
