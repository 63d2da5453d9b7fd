using HvLab.Reference.Models.Xen;
using HvLab.Reference.Xen;

namespace HvLab.Reference.Tests.Xen;

/// <summary>Everything that the model can reach within small bounds.</summary>
public sealed class PagingModelTests
{
    // Pinned: an exploration that visits less finds less. A change of the model that is meant changes them.
    private static readonly TestCaseData[] Explorations =
    [
        new TestCaseData(PagingExploration.Everything(), 0, 0).SetArgDisplayNames("everything"),
        new TestCaseData(PagingExploration.TwoVcpus(), 0, 0).SetArgDisplayNames("two vCPUs"),
        new TestCaseData(PagingExploration.FullRing(), 0, 0).SetArgDisplayNames("full ring"),
        new TestCaseData(PagingExploration.LeavingPager(), 0, 0).SetArgDisplayNames("leaving pager"),
    ];

    [TestCaseSource(nameof(Explorations))]
    public void Every_property_holds_in_every_reachable_step(PagingExploration exploration, int states, int transitions)
    {
        var space = exploration.Visit(step =>
        {
            if (PagingProperties.FirstBroken(step) is { } broken)
                Assert.Fail($"{broken}\nafter '{step.Operation}' was answered '{step.Seen}'\nfrom {step.From}\nto   {step.To}");
        });
        using (Assert.EnterMultipleScope())
        {
            Assert.That(space.States, Has.Count.EqualTo(states));
            Assert.That(space.Transitions, Is.EqualTo(transitions));
        }
    }

    [Test]
    public void With_a_full_ring_a_pager_that_answers_always_brings_every_vcpu_to_rest()
    {
        var ways = new Dictionary<PagingModel, List<PagingModel>>();
        var space = PagingExploration.FullRing().Visit(step =>
        {
            if (step.Operation is not (PagingOp.Await or PagingOp.Take or PagingOp.Load or PagingOp.Respond))
                return;
            if (!ways.TryGetValue(step.To, out var from))
                ways[step.To] = from = [];
            from.Add(step.From);
        });
        var settled = space.States.Where(state => state.Vcpus.All(vcpu => vcpu.AtRest)).ToHashSet();
        var todo = new Queue<PagingModel>(settled);
        while (todo.TryDequeue(out var state))
            foreach (var before in ways.GetValueOrDefault(state, []))
                if (settled.Add(before))
                    todo.Enqueue(before);
        Assert.That(space.States.FirstOrDefault(state => !settled.Contains(state)), Is.Null);
    }

    [Test]
    public void Every_operation_has_an_answer_in_every_reachable_state()
    {
        foreach (var make in PagingExploration.All)
        {
            var exploration = make(PagingDefect.None);
            foreach (var state in exploration.Visit().States)
                foreach (var operation in exploration.Operations)
                    Assert.That(operation.On(state).Alternatives.Length, Is.Not.Zero, $"{operation} in {state}");
        }
    }

    [Test]
    public void Every_property_has_a_name_of_its_own() =>
        Assert.That(PagingProperties.All.Select(property => property.Name), Is.Unique);
}
