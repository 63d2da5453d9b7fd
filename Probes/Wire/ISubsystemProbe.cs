using System.Text.Json;

namespace HvLab.Probes.Wire;

/// <summary>Receives each observation as it is made.</summary>
public delegate void EventSink(int step, long atMicros, long tookMicros, JsonElement seen);

/// <summary>One subsystem's probe as the executable sees it.</summary>
public interface ISubsystemProbe
{
    /// <summary>Capabilities of this host that scenarios may need; empty where the subsystem cannot be reached.</summary>
    IReadOnlyList<string> Capabilities { get; }

    /// <summary>Carries out a plan. Throws where the lab itself fails; what the hypervisor does is an observation.</summary>
    void Run(JsonElement plan, EventSink sink);
}
