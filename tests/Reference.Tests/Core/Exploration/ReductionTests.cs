using HvLab.Reference.Models.Exploration;

namespace HvLab.Reference.Tests.Core.Exploration;

/// <summary>Reductions visit less and judge the same.</summary>
public sealed class ReductionTests
{
    [Test]
    public void A_reduced_search_judges_like_the_full_one(
        [Range(1, 4)] int actors, [Values] bool locked,
        [Values(Reduction.Symmetry, Reduction.PartialOrder, Reduction.Symmetry | Reduction.PartialOrder)] Reduction reduction,
        [Values(1, 2)] int workers)
    {
        var system = new Ticket(actors, locked);
        var full = Explorer.Explore(system, system.Claims);
        var reduced = Explorer.Explore(system, system.Claims, new() { Reduction = reduction, Workers = workers });
        using (Assert.EnterMultipleScope())
        {
            foreach (var claim in (string[])["one-at-a-time", "nobody-enters", "leaves-alone"])
                Assert.That(reduced[claim].Verdict, Is.EqualTo(full[claim].Verdict), claim);
            Assert.That(full["gets-in"].Verdict, Is.EqualTo(ClaimVerdict.Holds));
            Assert.That(reduced["gets-in"].Verdict, Is.EqualTo(ClaimVerdict.Undecided));
            if (actors > 1)
                Assert.That(reduced.States, Has.Count.LessThan(full.States.Count));
            else
                Assert.That(reduced.States, Has.Count.EqualTo(full.States.Count));
        }
    }

    [Test]
    public void A_counterexample_under_symmetry_is_a_run_of_the_real_system([Range(2, 4)] int actors)
    {
        var system = new Ticket(actors, locked: false);
        var full = Explorer.Explore(system, system.Claims)["leaves-alone"].Counterexample!;
        var reduced = Explorer.Explore(system, system.Claims, new() { Reduction = Reduction.Symmetry })["leaves-alone"].Counterexample!;
        Assert.That(reduced, Has.Count.EqualTo(full.Count));
        var at = system.Start;
        foreach (var move in reduced)
        {
            var next = new Successors<TicketState, TicketStep>();
            system.Next(at, next);
            Assert.That(move.From, Is.EqualTo(at));
            Assert.That(next.Steps.ToArray().Zip(next.States.ToArray()), Does.Contain((move.Step, move.To)));
            at = move.To;
        }
    }

    [Test]
    public void Symmetry_leaves_one_state_of_each_kind()
    {
        var system = new Ticket(4, locked: true);
        // Multisets of 4 out of 6 places (a locked look is the entry), those with more than one inside left out.
        var reduced = Explorer.Explore(system, [], new() { Reduction = Reduction.Symmetry });
        Assert.That(reduced.States, Has.Count.EqualTo(Multisets(5, 4) + Multisets(5, 3)));
    }

    private static int Multisets(int kinds, int size) => size == 0 ? 1 : kinds == 0 ? 0 : Multisets(kinds, size - 1) + Multisets(kinds - 1, size);
}
