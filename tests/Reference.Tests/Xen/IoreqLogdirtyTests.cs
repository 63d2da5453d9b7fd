using HvLab.Reference.Models.Exploration;
using HvLab.Reference.Models.Xen.Ioreq;

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
            TestContext.Out.WriteLine($"RUN {design.Name} {p.Name}: {string.Join(" | ", p.Steps!)}");
        Assert.That(findings.Complete);
        Assert.That(findings.Broken, Is.EquivalentTo(design.Breaks));
    }

    [Test]
    public void Zz_speed()
    {
        foreach (var name in new[] { "sweep-on-detach", "resolve-before-second-change", "xen-4.17" })
            for (var pages = 2; pages <= 5; pages++)
                foreach (var reduction in new[] { Reduction.None, Reduction.Symmetry })
                {
                    var cpu = System.Diagnostics.Process.GetCurrentProcess().TotalProcessorTime;
                    var f = Model.Explore(Model.DesignOf(name), Bounds.Of(Model.Bounds, new Dictionary<string, int> { ["pages"] = pages }), new() { Reduction = reduction });
                    TestContext.Out.WriteLine($"SPEED {name} pages {pages} {reduction}: {f.States} states {f.Transitions} transitions {f.States / f.Elapsed.TotalSeconds:0} /s, {f.States / (System.Diagnostics.Process.GetCurrentProcess().TotalProcessorTime - cpu).TotalSeconds:0} per cpu s, {(double)f.Bytes / f.States:0} bytes depth {f.Depth} broken {string.Join(',', f.Broken)}");
                }
    }
}
