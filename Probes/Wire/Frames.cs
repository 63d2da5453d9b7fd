using System.Text.Json;
using System.Text.Json.Serialization;

namespace HvLab.Probes.Wire;

/// <summary>From the harness to the probe: one scenario a frame, so that the first runs while the others are read.</summary>
/// <param name="Next">Null where there are no more in this exchange.</param>
public sealed record PlanFrame(ScenarioPlan? Next);

/// <param name="Id">Comes back in every frame about this scenario.</param>
/// <param name="Subsystem">Chooses the probe, for instance "kvm-async-pf".</param>
/// <param name="Body">The subsystem's own plan.</param>
public sealed record ScenarioPlan(string Id, string Subsystem, JsonElement Body);

/// <summary>From the probe to the harness, in this order: one Hello, per scenario Started (Event* Again)? Event* Finished, one Bye.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "frame")]
[JsonDerivedType(typeof(Hello), "hello")]
[JsonDerivedType(typeof(Started), "started")]
[JsonDerivedType(typeof(Event), "event")]
[JsonDerivedType(typeof(Again), "again")]
[JsonDerivedType(typeof(Finished), "finished")]
[JsonDerivedType(typeof(Bye), "bye")]
public abstract record TraceFrame
{
    private TraceFrame() { } // closed: only the cases below

    /// <summary>What the probe found on its host. <paramref name="Capabilities"/> are the terms of scenario needs.</summary>
    public sealed record Hello(int Protocol, IReadOnlyList<string> Capabilities) : TraceFrame;
    public sealed record Started(string Id) : TraceFrame;
    /// <param name="AtMicros">Since the scenario started.</param>
    /// <param name="TookMicros">From the operation's begin to its answer.</param>
    public sealed record Event(string Id, int Step, long AtMicros, long TookMicros, JsonElement Seen) : TraceFrame;
    /// <summary>The events of this scenario so far are void; it begins once more.</summary>
    /// <param name="Why">What the emulator did.</param>
    public sealed record Again(string Id, string Why) : TraceFrame;
    /// <param name="Trouble">Null where every operation was carried out; else what the lab could not do.</param>
    public sealed record Finished(string Id, long TookMicros, string? Trouble) : TraceFrame;
    public sealed record Bye : TraceFrame;
}

/// <summary>Version of these frames: a probe and a harness of different builds do not talk.</summary>
public static class Protocol
{
    public const int Version = 2;
}

[JsonSourceGenerationOptions(UseStringEnumConverter = true)]
[JsonSerializable(typeof(PlanFrame))]
[JsonSerializable(typeof(TraceFrame))]
public sealed partial class WireJson : JsonSerializerContext;
