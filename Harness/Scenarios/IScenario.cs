using System.Text.Json;
using HvLab.Harness.Diff;

namespace HvLab.Harness.Scenarios;

/// <summary>One event of a trace as it came from the probe: which step, when, and the subsystem's own observation.</summary>
public readonly record struct RawEvent(int Step, long AtMicros, long TookMicros, JsonElement Seen);

/// <summary>A claim about a hypervisor, whatever its subsystem.</summary>
public interface IScenario
{
    /// <summary>Subsystem and name, for instance "kvm-async-pf/ready-follows-not-present".</summary>
    string Id { get; }
    string Subsystem { get; }
    string Claim { get; }
    HostNeed Needs { get; }
    /// <summary>True where nothing may run beside it, since it counts what its host has left: such scenarios come last.</summary>
    bool RunsAlone => false;

    /// <summary>How many operations the plan holds: a trace has no more events.</summary>
    int Steps { get; }

    /// <summary>The plan as the probe reads it.</summary>
    JsonElement Plan();

    /// <summary>Is this trace, as far as it goes, allowed? The words of the answer carry nothing unescaped.</summary>
    /// <exception cref="JsonException">An observation is not one of this subsystem.</exception>
    Judgement Judge(IReadOnlyList<RawEvent> events);

    /// <summary>Reads the events once; each call of the result asks the model alone whether they are allowed: for its speed.</summary>
    /// <exception cref="JsonException">An observation is not one of this subsystem.</exception>
    Func<bool> PrepareCheck(IReadOnlyList<RawEvent> events);
}
