using HvLab.Reference.Models.Exploration;
using HvLab.Reference.Models.Xen;

namespace HvLab.Reference.Tests.Xen;

/// <summary>Which design breaks what, by how short a run, and what is proven of those that break nothing.</summary>
public sealed class IoreqLogdirtyTests
{
    private static readonly IoreqLogdirtyModel Model = new();

    private static IEnumerable<TestCaseData> Designs => Model.Designs.Select(design => new TestCaseData(design).SetArgDisplayNames(design.Name));

    [TestCaseSource(nameof(Designs))]
    public void A_design_breaks_exactly_what_it_says(Design design)
    {
        var findings = Model.Explore(design, Bounds.Of(Model.Bounds));
        foreach (var p in findings.Properties.Where(p => p.Steps is not null))
            TestContext.Out.WriteLine($"{p.Name}: {string.Join(" | ", p.Steps!)}");
        TestContext.Out.WriteLine($"{findings.States} states, {findings.Transitions} transitions");
        Assert.That(findings.Complete);
        Assert.That(findings.Broken, Is.EquivalentTo(design.Breaks));
    }
}
