using System.Text.Json.Serialization;

namespace HvLab.Reference.Xen;

/// <summary>Some domains and what to do with them.</summary>
/// <param name="Vcpus">Of each domain.</param>
/// <param name="GiveUpMs">Milliseconds until a guest's access that does not retire is answered with <see cref="SharingAnswer.Waiting"/>.</param>
public sealed record SharingPlan(int Domains, int Vcpus, IReadOnlyList<SharingOp> Operations, int GiveUpMs);

/// <summary>How plans and observations of this subsystem travel.</summary>
[JsonSourceGenerationOptions(UseStringEnumConverter = true)]
[JsonSerializable(typeof(SharingPlan))]
[JsonSerializable(typeof(SharingSeen))]
[JsonSerializable(typeof(SharingPageView[]))]
[JsonSerializable(typeof(SharingDomainView[]))]
[JsonSerializable(typeof(SharingPageView?[]))]
[JsonSerializable(typeof(SharingHandle[]))]
[JsonSerializable(typeof(Gfn[]))]
public sealed partial class SharingJson : JsonSerializerContext;
