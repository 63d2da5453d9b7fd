using System.Text.Json.Serialization;

namespace HvLab.Reference.Xen;

/// <summary>A domain and what to do with it.</summary>
/// <param name="GiveUpMs">Milliseconds until an operation that says nothing is answered with <see cref="PagingSeen.Nothing"/>.</param>
public sealed record PagingPlan(int Vcpus, IReadOnlyList<PagingOp> Operations, int GiveUpMs);

/// <summary>How plans and observations of this subsystem travel.</summary>
[JsonSourceGenerationOptions(UseStringEnumConverter = true)]
[JsonSerializable(typeof(PagingPlan))]
[JsonSerializable(typeof(PagingSeen))]
public sealed partial class PagingJson : JsonSerializerContext;
