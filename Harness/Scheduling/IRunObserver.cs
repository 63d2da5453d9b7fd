using HvLab.Harness.Lab;
using HvLab.Harness.Lab.Results;

namespace HvLab.Harness.Scheduling;

/// <summary>Hears of a run while it goes on; called from one thread at a time. All texts but the phase may be untrusted.</summary>
public interface IRunObserver
{
    /// <summary>What the run does now, in a few words: "building the probe".</summary>
    void Phase(string text);
    void HostReady(HostFacts facts);
    /// <param name="index">Zero-based.</param>
    void ScenarioStarted(string id, int index, int total);
    void ScenarioFinished(ScenarioResult result);
    /// <summary>Something a user should know that is no phase: a fallback, a package that gets installed.</summary>
    void Note(string text);
}
