using HvLab.Reference.Models;
using HvLab.Reference.Models.Exploration;

namespace HvLab.Reference.Tests.Core.Exploration;

/// <summary>
/// Equal actors that each count privately, then look whether a door is free, then go in: with or without a lock around look and
/// entry. Small, symmetric, and with steps that nobody else notices.
/// </summary>
public sealed class Ticket(int actors, bool locked) : ISystem<TicketState, TicketStep>
{
    public TicketState Start => default;

    public void Next(TicketState state, Successors<TicketState, TicketStep> next)
    {
        for (var actor = 0; actor < actors; actor++)
            switch (state.At(actor))
            {
                case < TicketState.Looks:
                    next.AddLocal(new(actor, "counts"), state.Go(actor, state.At(actor) + 1));
                    break;
                case TicketState.Looks when !AnyIn(state):
                    next.Add(new(actor, "looks"), state.Go(actor, locked ? TicketState.In : TicketState.Enters));
                    break;
                case TicketState.Enters:
                    next.Add(new(actor, "enters"), state.Go(actor, TicketState.In));
                    break;
                case TicketState.In:
                    next.Add(new(actor, "leaves"), state.Go(actor, 0));
                    break;
            }
    }

    public TicketState Canonical(TicketState state)
    {
        Span<int> places = stackalloc int[actors];
        for (var actor = 0; actor < actors; actor++)
            places[actor] = state.At(actor);
        places.Sort();
        var sorted = default(TicketState);
        for (var actor = 0; actor < actors; actor++)
            sorted = sorted.Go(actor, places[actor]);
        return sorted;
    }

    public StepText Tell(TicketState from, TicketStep step, TicketState to) => new($"actor {step.Actor}", step.What, []);

    public IReadOnlyList<Claim<TicketState, TicketStep>> Claims =>
    [
        new Always<TicketState, TicketStep>("one-at-a-time", new("", ""), state => CountIn(state) <= 1),
        new Always<TicketState, TicketStep>("nobody-enters", new("", ""), state => CountIn(state) == 0),
        new EachStep<TicketState, TicketStep>("leaves-alone", new("", ""), (from, step, _) => step.What != "leaves" || CountIn(from) == 1),
        new Wakes<TicketState, TicketStep>("gets-in", new("", ""), actors, (state, actor) => state.At(actor) == TicketState.Looks, (_, _) => true),
    ];

    private bool AnyIn(TicketState state) => CountIn(state) > 0;

    private int CountIn(TicketState state)
    {
        var count = 0;
        for (var actor = 0; actor < actors; actor++)
            count += state.At(actor) == TicketState.In ? 1 : 0;
        return count;
    }
}

public readonly record struct TicketStep(int Actor, string What);

public readonly record struct TicketState(Bits128 Bits)
{
    public const int Looks = 4, Enters = 5, In = 6;
    private static readonly BitField Place = new BitLayout().Array(count: 8, width: 3);

    public int At(int actor) => Bits[Place[actor]];
    public TicketState Go(int actor, int place) => new(Bits.With(Place[actor], place));
}
