using System.Text.Json.Serialization;

namespace HvLab.Reference.Xen;

/// <summary>A domain and what to do with it.</summary>
/// <param name="Pages">Pages of the window, at most <see cref="IoreqGuest.MaxPages"/>.</param>
/// <param name="GiveUpMs">Milliseconds until an access that says nothing is answered with what its vCPU is at.</param>
public sealed record IoreqPlan(int Vcpus, int Pages, IReadOnlyList<IoreqOp> Operations, int GiveUpMs);

/// <summary>How plans and observations of this subsystem travel.</summary>
[JsonSourceGenerationOptions(UseStringEnumConverter = true)]
[JsonSerializable(typeof(IoreqPlan))]
[JsonSerializable(typeof(IoreqSeen))]
public sealed partial class IoreqJson : JsonSerializerContext;
