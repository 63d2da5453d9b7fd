using System.Text.Json;

namespace HvLab.Probes.Wire;

/// <summary>Receives each observation as it is made. <paramref name="seen"/> is called later and elsewhere: turning it into JSON takes longer than many operations.</summary>
public delegate void EventSink(int step, long atMicros, long tookMicros, Func<JsonElement> seen);

/// <summary>One subsystem's probe as the executable sees it.</summary>
public interface ISubsystemProbe
{
    /// <summary>Capabilities of this host that scenarios may need; empty where the subsystem cannot be reached.</summary>
    IReadOnlyList<string> Capabilities { get; }

    /// <summary>Reads a plan; nothing is started yet.</summary>
    IPlannedScenario Read(JsonElement plan);
}

/// <summary>A plan on its way: read, made ready, run, once each. Throws where the lab itself fails.</summary>
public interface IPlannedScenario
{
    /// <summary>Carries the plan out on a machine of its own. What the hypervisor does is an observation, never an exception.</summary>
    void Run(EventSink sink);
}

/// <summary>
/// The emulator below the host did what no CPU does, so that what was seen says nothing of the hypervisor. Told by evidence
/// that the hypervisor cannot have made, and on an emulated host alone; the plan is worth one more try.
/// </summary>
public sealed class EmulatorFaultException(string what) : Exception(what);
