using System.Text.Json.Serialization;

namespace HvLab.Reference.Kvm;

/// <summary>A VM and what to do with it.</summary>
/// <param name="GiveUpMs">Milliseconds until an operation that says nothing is answered with <see cref="AsyncPfSeen.Nothing"/>.</param>
public sealed record AsyncPfPlan(int Vcpus, IReadOnlyList<AsyncPfOp> Operations, int GiveUpMs);

/// <summary>How plans and observations of this subsystem travel.</summary>
[JsonSourceGenerationOptions(UseStringEnumConverter = true)]
[JsonSerializable(typeof(AsyncPfPlan))]
[JsonSerializable(typeof(AsyncPfSeen))]
public sealed partial class AsyncPfJson : JsonSerializerContext;
