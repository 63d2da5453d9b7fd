using System.Text.Json.Serialization;

namespace HvLab.Reference.Xen;

/// <summary>One instruction of the guest that touches memory or a port. Values have four bytes.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "access")]
[JsonDerivedType(typeof(Read), "read")]
[JsonDerivedType(typeof(Write), "write")]
[JsonDerivedType(typeof(Add), "add")]
[JsonDerivedType(typeof(Store), "store")]
[JsonDerivedType(typeof(Copy), "copy")]
[JsonDerivedType(typeof(Execute), "execute")]
[JsonDerivedType(typeof(In), "in")]
[JsonDerivedType(typeof(Out), "out")]
public abstract record GuestAccess
{
    private GuestAccess() { } // closed: only the cases below

    /// <summary>MOV from memory.</summary>
    public sealed record Read(Gpa Address) : GuestAccess
    {
        public override string ToString() => $"reads {Address}";
    }

    /// <summary>MOV to memory; it may cross into the next page.</summary>
    public sealed record Write(Gpa Address, uint Value) : GuestAccess
    {
        public override string ToString() => $"writes 0x{Value:x} to {Address}";
    }

    /// <summary>LOCK ADD: a read, a sum, and a write.</summary>
    public sealed record Add(Gpa Address, uint Value) : GuestAccess
    {
        public override string ToString() => $"adds 0x{Value:x} to {Address}, locked";
    }

    /// <summary>REP STOSB, upwards.</summary>
    public sealed record Store(Gpa Address, byte Value, int Count) : GuestAccess
    {
        public override string ToString() => $"stores the byte 0x{Value:x} {Count} times from {Address}";
    }

    /// <summary>REP MOVSQ, upwards: elements of eight bytes.</summary>
    public sealed record Copy(Gpa From, Gpa To, int Count) : GuestAccess
    {
        public override string ToString() => $"copies {Count} times eight bytes from {From} to {To}";
    }

    /// <summary>CALL to a RET that the page holds there.</summary>
    public sealed record Execute(Gpa Address) : GuestAccess
    {
        public override string ToString() => $"calls {Address}";
    }

    /// <summary>IN of four bytes.</summary>
    public sealed record In(ushort Port) : GuestAccess
    {
        public override string ToString() => $"reads port 0x{Port:x}";
    }

    /// <summary>OUT of four bytes.</summary>
    public sealed record Out(ushort Port, uint Value) : GuestAccess
    {
        public override string ToString() => $"writes 0x{Value:x} to port 0x{Port:x}";
    }
}

/// <summary>A request as its server finds it in the shared page, xen/include/public/hvm/ioreq.h, struct ioreq.</summary>
/// <param name="Address">Guest-physical address, or port.</param>
/// <param name="Size">Bytes of one element.</param>
/// <param name="Data">What is written; zero for a read, where the server puts what is read.</param>
public readonly record struct IoRequest(IoSpace Space, bool IsWrite, ulong Address, int Size, uint Count, ulong Data)
{
    public override string ToString() =>
        $"{(IsWrite ? $"write of 0x{Data:x}" : "read")}, {Size} bytes at {(Space == IoSpace.Port ? "port" : "gpa")} 0x{Address:x}"
        + (Count == 1 ? "" : $", {Count} times");
}
