using HvLab.Reference.Kvm;
using HvLab.Reference.Models.Kvm;

namespace HvLab.Reference.Tests.Kvm;

/// <summary>Everything that the model can reach within small bounds.</summary>
public sealed class AsyncPfModelTests
{
    // Pinned: an exploration that visits less finds less. A change of the model that is meant changes them.
    private static readonly TestCaseData[] Explorations =
    [
        new TestCaseData(Exploration.Everything(), 34_006, 859_918).SetArgDisplayNames("everything"),
        new TestCaseData(Exploration.ManyFaults(), 131_277, 2_469_786).SetArgDisplayNames("many faults"),
        new TestCaseData(Exploration.PagedArea(), 53_873, 971_336).SetArgDisplayNames("paged area"),
        new TestCaseData(Exploration.TwoVcpus(), 12_299, 171_127).SetArgDisplayNames("two vCPUs"),
    ];

    [TestCaseSource(nameof(Explorations))]
    public void Every_property_holds_in_every_reachable_step(Exploration exploration, int states, int transitions)
    {
        var space = exploration.Visit(step =>
        {
            if (AsyncPfProperties.FirstBroken(step) is { } broken)
                Assert.Fail($"{broken}\nafter '{step.Operation}' was answered '{step.Seen}'\nfrom {step.From}\nto   {step.To}");
        });
        using (Assert.EnterMultipleScope())
        {
            Assert.That(space.States, Has.Count.EqualTo(states));
            Assert.That(space.Transitions, Is.EqualTo(transitions));
        }
    }

    [TestCaseSource(nameof(Explorations))]
    public void Pager_and_guest_can_always_bring_every_vcpu_to_rest(Exploration exploration, int states, int transitions)
    {
        var ways = new Dictionary<AsyncPfModel, List<AsyncPfModel>>(states);
        var space = exploration.Visit(step =>
        {
            if (step.Operation is not (AsyncPfOp.Await or AsyncPfOp.Supply or AsyncPfOp.Acknowledge or AsyncPfOp.AwaitDestroyed))
                return;
            if (!ways.TryGetValue(step.To, out var from))
                ways[step.To] = from = [];
            from.Add(step.From);
        });
        var settled = space.States.Where(IsSettled).ToHashSet();
        var todo = new Queue<AsyncPfModel>(settled);
        while (todo.TryDequeue(out var state))
            foreach (var before in ways.GetValueOrDefault(state, []))
                if (settled.Add(before))
                    todo.Enqueue(before);
        Assert.That(space.States.FirstOrDefault(state => !settled.Contains(state)), Is.Null);
    }

    [Test]
    public void Every_property_has_a_name_of_its_own() =>
        Assert.That(AsyncPfProperties.All.Select(property => property.Name), Is.Unique);

    /// <summary>The VM is gone, or each vCPU is at rest, or waits for an interrupt that nobody owes it.</summary>
    private static bool IsSettled(AsyncPfModel model) =>
        model.Life == VmLife.Gone || model.Life == VmLife.Alive && model.Vcpus.All(vcpu =>
            vcpu.Now.Kind == ActivityKind.Rest
            || (vcpu.Now.Kind is ActivityKind.Halted or ActivityKind.Idling && vcpu.AtPager is null && !AsyncPfProperties.OwesReady(vcpu)));
}
