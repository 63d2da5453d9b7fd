using HvLab.Reference.Models.Exploration;

namespace HvLab.Reference.Tests.Models;

/// <summary>What holds for every model that './hvlab explore' knows: its table of designs against properties is what exploration finds.</summary>
public sealed class DesignModelTests
{
    private static IEnumerable<DesignModel> Models => DesignModels.All;

    private static IEnumerable<TestCaseData> Designs =>
        from model in DesignModels.All from design in model.Designs select new TestCaseData(model, design).SetArgDisplayNames(model.Name, design.Name);

    [TestCaseSource(nameof(Designs))]
    public void A_design_breaks_exactly_what_its_model_says(DesignModel model, Design design)
    {
        var found = Found(model, design);
        Assert.That(found.Complete);
        Assert.That(found.Broken, Is.EquivalentTo(design.Breaks));
    }

    // Pinned: an exploration that visits less finds less, and a longer way to a fault is not the shortest. A change that is meant changes them.
    [TestCaseSource(nameof(Designs))]
    public void Sizes_and_shortest_runs_are_as_pinned(DesignModel model, Design design)
    {
        var found = Found(model, design);
        var runs = string.Concat(found.Properties.Where(property => property.Steps is not null).Select(property => $" {property.Name}={property.Steps!.Count}"));
        Assert.That(Pinned.Of(model, design), Is.EqualTo($"{found.States} {found.Transitions}{runs}"));
    }

    [TestCaseSource(nameof(Designs))]
    public void Two_workers_find_what_one_finds(DesignModel model, Design design)
    {
        var one = Found(model, design);
        var two = model.Explore(design, Bounds.Of(model.Bounds), new() { Workers = 2 });
        using (Assert.EnterMultipleScope())
        {
            Assert.That((two.States, two.Transitions, two.Depth), Is.EqualTo((one.States, one.Transitions, one.Depth)));
            Assert.That(two.Properties.Select(property => (property.Name, property.Verdict, property.Steps?.Count)),
                Is.EqualTo(one.Properties.Select(property => (property.Name, property.Verdict, property.Steps?.Count))));
        }
    }

    [TestCaseSource(nameof(Designs))]
    public void Reductions_judge_a_design_like_the_full_search(DesignModel model, Design design)
    {
        var full = Found(model, design);
        var reduced = model.Explore(design, Bounds.Of(model.Bounds), new() { Reduction = Reduction.Symmetry | Reduction.PartialOrder });
        using (Assert.EnterMultipleScope())
        {
            Assert.That(reduced.States, Is.LessThanOrEqualTo(full.States));
            foreach (var (whole, less) in full.Properties.Zip(reduced.Properties).Where(pair => pair.Second.Verdict != ClaimVerdict.Undecided))
            {
                Assert.That((less.Name, less.Verdict), Is.EqualTo((whole.Name, whole.Verdict)));
                if (reduced.States == full.States)
                    Assert.That(less.Steps?.Count, Is.EqualTo(whole.Steps?.Count), whole.Name);
            }
        }
    }

    [TestCaseSource(nameof(Designs))]
    public void A_counterexample_is_told_with_the_model_s_own_actors(DesignModel model, Design design)
    {
        var actors = model.ActorsOf(Bounds.Of(model.Bounds));
        foreach (var step in Found(model, design).Properties.SelectMany(property => property.Steps ?? []))
        {
            Assert.That(actors, Does.Contain(step.Actor));
            Assert.That(step.Operation, Is.Not.Empty);
            if (step.On is { } on)
                Assert.That(actors, Does.Contain(on));
        }
    }

    [TestCaseSource(nameof(Models))]
    public void Each_property_is_broken_by_a_design_that_says_so(DesignModel model)
    {
        var names = model.Properties.Select(property => property.Name).ToArray();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(names, Is.Unique);
            Assert.That(model.Designs.SelectMany(design => design.Breaks).Distinct(), Is.EquivalentTo(names));
        }
    }

    [TestCaseSource(nameof(Models))]
    public void A_model_has_sound_designs_and_at_least_six_faults(DesignModel model)
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(model.Designs.Where(design => design.Kind == DesignKind.Proposed && design.IsSound), Is.Not.Empty);
            Assert.That(model.Designs.Count(design => design.Kind == DesignKind.Faulty), Is.GreaterThanOrEqualTo(6));
            Assert.That(model.Designs.Where(design => design.Kind == DesignKind.Faulty && design.IsSound), Is.Empty);
            Assert.That(model.Designs.Select(design => design.Name), Is.Unique);
            Assert.That(model.OutOfScope, Is.Not.Empty);
        }
    }

    [TestCaseSource(nameof(Models))]
    public void Smaller_bounds_reach_no_more(DesignModel model)
    {
        var least = Bounds.Of(model.Bounds, model.Bounds.ToDictionary(bound => bound.Name, bound => bound.Least));
        foreach (var design in model.Designs)
            Assert.That(model.Explore(design, least).States, Is.LessThanOrEqualTo(Found(model, design).States), design.Name);
    }

    // One worker, the default bounds: many tests look at the same.
    private static DesignFindings Found(DesignModel model, Design design) =>
        Explored.GetOrAdd((model, design), key => key.Model.Explore(key.Design, Bounds.Of(key.Model.Bounds)));

    private static readonly System.Collections.Concurrent.ConcurrentDictionary<(DesignModel Model, Design Design), DesignFindings> Explored = [];

    [Test]
    public void The_names_are_stable() => Assert.That(DesignModels.All.Select(model => model.Name),
        Is.SupersetOf((string[])["p2m-wait-queue", "async-pf", "preemption", "pv-mmu-queue"]));

    [Test]
    public void A_wrong_name_or_bound_is_said_in_words()
    {
        var model = DesignModels.All[0];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(() => DesignModels.Named("p2m"), Throws.ArgumentException.With.Message.Contains("p2m-wait-queue"));
            Assert.That(() => model.DesignOf("nothing"), Throws.ArgumentException.With.Message.Contains(model.Designs[0].Name));
            Assert.That(() => Bounds.Of(model.Bounds, new Dictionary<string, int> { ["apples"] = 1 }), Throws.ArgumentException.With.Message.Contains(model.Bounds[0].Name));
            Assert.That(() => Bounds.Of(model.Bounds, new Dictionary<string, int> { [model.Bounds[0].Name] = 99 }), Throws.ArgumentException.With.Message.Contains("99"));
        }
    }
}
