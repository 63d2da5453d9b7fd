using System.Text.Json.Serialization;

namespace HvLab.Reference;

/// <summary>Guest frame number: a guest-physical address divided by 4096.</summary>
public readonly record struct Gfn(ulong Value)
{
    public const int PageSize = 4096;
    [JsonIgnore]
    public Gpa Start => new(Value * PageSize);
    public override string ToString() => $"gfn 0x{Value:x}";
}

/// <summary>Guest-physical address in bytes.</summary>
public readonly record struct Gpa(ulong Value)
{
    [JsonIgnore]
    public Gfn Page => new(Value / Gfn.PageSize);
    public override string ToString() => $"gpa 0x{Value:x}";
}

/// <summary>Index of a virtual CPU in its VM, from 0.</summary>
public readonly record struct VcpuId(int Value)
{
    public override string ToString() => $"vcpu{Value}";
}

/// <summary>Interrupt vector, 0 to 255.</summary>
public readonly record struct Vector(byte Value)
{
    public override string ToString() => $"vector 0x{Value:x2}";
}
