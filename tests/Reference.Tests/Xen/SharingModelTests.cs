using HvLab.Reference.Models.Xen;

namespace HvLab.Reference.Tests.Xen;

/// <summary>Everything that the model can reach within small bounds.</summary>
public sealed class SharingModelTests
{
    // Pinned: an exploration that visits less finds less. A change of the model that is meant changes them.
    private static readonly TestCaseData[] Explorations =
    [
        new TestCaseData(SharingExploration.SharingAndHandles(), 5_432, 152_974).SetArgDisplayNames("sharing and handles"),
        new TestCaseData(SharingExploration.ThreeDomains(), 1_335, 40_251).SetArgDisplayNames("three domains"),
        new TestCaseData(SharingExploration.MapsAndRanges(), 8_858, 159_444).SetArgDisplayNames("maps and ranges"),
        new TestCaseData(SharingExploration.WithoutMemory(), 36_792, 745_608).SetArgDisplayNames("without memory"),
        new TestCaseData(SharingExploration.LoggedAndPaged(), 10_853, 214_929).SetArgDisplayNames("logged and paged"),
    ];

    [TestCaseSource(nameof(Explorations))]
    public void Every_property_holds_in_every_reachable_step(SharingExploration exploration, int states, int transitions)
    {
        var space = exploration.Visit(step =>
        {
            if (SharingProperties.FirstBroken(step) is { } broken)
                Assert.Fail($"{broken}\nafter '{step.Operation}' was answered '{step.Seen}'\nfrom {step.From.World()}\nto   {step.To.World()}\nfrom {step.From}\nto   {step.To}");
        });
        using (Assert.EnterMultipleScope())
        {
            Assert.That(space.States, Has.Count.EqualTo(states));
            Assert.That(space.Transitions, Is.EqualTo(transitions));
        }
    }

    [Test]
    public void Every_property_has_a_name_of_its_own() =>
        Assert.That(SharingProperties.All.Select(property => property.Name), Is.Unique);
}
