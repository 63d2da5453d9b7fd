using HvLab.Reference.Kvm;
using HvLab.Reference.Models;
using HvLab.Reference.Models.Kvm;

namespace HvLab.Reference.Tests.Kvm;

/// <summary>A run of a machine that behaves as the model says, with the state before each event.</summary>
internal sealed record SimulatedRun(Event<AsyncPfOp, AsyncPfSeen>[] Events, AsyncPfModel[] Before);

/// <summary>Makes traces that conform: each answer is one that the model allows, chosen by a seed.</summary>
internal static class SimulatedMachine
{
    /// <param name="eager">Sleep, wait and say nothing only where there is no other way: so scenarios meet what they are about.</param>
    public static SimulatedRun Run(AsyncPfModel start, IReadOnlyList<AsyncPfOp> operations, int seed, bool eager)
    {
        var random = new Random(seed);
        var events = new Event<AsyncPfOp, AsyncPfSeen>[operations.Count];
        var before = new AsyncPfModel[operations.Count];
        var state = start;
        for (var step = 0; step < operations.Count; step++)
        {
            var all = operations[step].On(state).Alternatives.ToArray();
            var choices = eager && Array.FindAll(all, choice => !IsQuiet(choice.Example)) is { Length: > 0 } loud ? loud : all;
            var chosen = choices[random.Next(choices.Length)];
            before[step] = state;
            (var seen, state) = chosen;
            events[step] = new(operations[step], seen, TimeSpan.FromMilliseconds(1));
        }
        return new(events, before);
    }

    private static bool IsQuiet(AsyncPfSeen seen) =>
        seen is AsyncPfSeen.Nothing or AsyncPfSeen.Asleep or AsyncPfSeen.NoInterrupt or AsyncPfSeen.Stalled or AsyncPfSeen.Woke;
}
