namespace HvLab.Probes.Kvm.AsyncPf;

/// <summary>How long, and how often, the probe looks before it says that nothing happened.</summary>
/// <param name="GiveUpMs">Milliseconds until an operation is answered with "nothing".</param>
/// <param name="SpinExits">Exits without progress that count as spinning, if they go on for <paramref name="SpinMs"/>.</param>
/// <param name="SpinMs">Milliseconds that spinning must last: a worker that was preempted between queueing its completion and
/// telling the vCPU makes it spin for a moment.</param>
/// <param name="PollExits">Exits that a polling guest makes.</param>
public sealed record ProbeBounds(int GiveUpMs = 3000, int SpinExits = 500, int SpinMs = 60, int PollExits = 8)
{
    /// <summary>Milliseconds between two looks.</summary>
    public const int LookMs = 1;
}

/// <summary>The guest did something that no routine of the payload does: the lab's fault until proven otherwise.</summary>
public sealed class UnexpectedExitException(string what) : Exception($"The guest left with {what}, which its payload never does.");
