using System.Text.Json.Serialization;

namespace HvLab.Harness.Provisioning.Boxes;

/// <summary>Source-generated: reflection would cost a warm run tens of milliseconds.</summary>
[JsonSourceGenerationOptions(WriteIndented = true)]
[JsonSerializable(typeof(SnapshotEntry))]
[JsonSerializable(typeof(BoxRecord))]
internal sealed partial class BoxesJson : JsonSerializerContext;
