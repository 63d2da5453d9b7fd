using HvLab.Reference.Models.Exploration;
using HvLab.Reference.Models.Xen.Ioreq;

namespace HvLab.Reference.Tests.Xen;

/// <summary>What the discussion says of its designs, and what is proven of those that break nothing.</summary>
public sealed class IoreqLogdirtyTests
{
    private const int X = 0, Y = 1;
    private static readonly IoreqLogdirtyModel Model = new();

    // Pinned: an exploration that visits less finds less.
    [TestCase("sweep-on-detach", 4, 37_943, 483_218)]
    [TestCase("sweep-on-detach", 5, 314_711, 4_700_010)]
    [TestCase("resolve-before-second-change", 4, 27_989, 357_866)]
    [TestCase("resolve-before-second-change", 5, 228_373, 3_431_853)]
    public void A_sound_design_is_proven_for_so_many_pages(string design, int pages, int states, int transitions)
    {
        var found = Explore(design, pages);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(found.Complete);
            Assert.That(found.Broken, Is.Empty);
            Assert.That((found.States, found.Transitions), Is.EqualTo(((long)states, (long)transitions)));
        }
    }

    private static IEnumerable<string> Names => Model.Designs.Select(design => design.Name);

    [TestCaseSource(nameof(Names))]
    public void Pages_are_alike_symmetry_loses_no_verdict(string design)
    {
        var (all, reduced) = (Explore(design, 3), Explore(design, 3, Reduction.Symmetry));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(reduced.States, Is.LessThan(all.States / 2));
            Assert.That(reduced.Properties.Select(property => (property.Name, property.Verdict, property.Steps?.Count)),
                Is.EqualTo(all.Properties.Select(property => (property.Name, property.Verdict, property.Steps?.Count))));
        }
    }

    // The shortest run of each proposed design that breaks something, as './hvlab explore' tells it.
    [TestCase("lazy-reset", IoreqLogdirtyModel.MarkedWriteIsForwarded,
        "server A maps the type; server A marks gfn X as ioreq_server; toolstack enables log-dirty; guest writes to gfn X, which goes to memory")]
    [TestCase("lazy-keep", IoreqLogdirtyModel.OnlyMarkedWriteIsForwarded,
        "server A maps the type; server A marks gfn X as ioreq_server; server A unmaps the type; server A maps the type; guest writes to gfn X, forwarded to server A")]
    [TestCase("refuse-new-server", IoreqLogdirtyModel.FreeTypeCanBeMapped,
        "server A maps the type; server A marks gfn X as ioreq_server; server A unmaps the type; server A maps the type: EBUSY")]
    [TestCase("refuse-log-dirty-while-mapped", IoreqLogdirtyModel.LogDirtyCanBeEnabled,
        "server A maps the type; toolstack enables log-dirty: EBUSY")]
    [TestCase("refuse-log-dirty-while-mapped", IoreqLogdirtyModel.MarkedWriteIsForwarded,
        "toolstack enables log-dirty; server A maps the type; guest writes to gfn X, which goes to memory; server A marks gfn X as ioreq_server; toolstack disables log-dirty; guest writes to gfn X, which goes to memory")]
    [TestCase("refuse-log-dirty-while-outstanding", IoreqLogdirtyModel.LogDirtyCanBeEnabled,
        "server A maps the type; server A marks gfn X as ioreq_server; server A unmaps the type; toolstack enables log-dirty: EBUSY")]
    [TestCase("sweep-without-barrier", IoreqLogdirtyModel.OnlyMarkedWriteIsForwarded,
        "server A maps the type; server A marks gfn X as ioreq_server; server A unmaps the type; server A maps the type; guest writes to gfn X, forwarded to server A")]
    [TestCase("xen-4.17", IoreqLogdirtyModel.WriteCompletes,
        "server A maps the type; server A marks gfn X as ioreq_server; server A is destroyed; guest writes to gfn X, which is retried for ever")]
    [TestCase("xen-4.17", IoreqLogdirtyModel.WriteIsLogged,
        "toolstack enables log-dirty; toolstack sets gfn X to ram_rw; guest writes to gfn X, which goes to memory")]
    [TestCase("xen-4.17", IoreqLogdirtyModel.FreeTypeCanBeMapped,
        "server A maps the type; server A marks gfn X as ioreq_server; server A is destroyed; server A maps the type: EBUSY")]
    [TestCase("xen-4.17", IoreqLogdirtyModel.LogDirtyCanBeEnabled,
        "server A maps the type; server A marks gfn X as ioreq_server; server A is destroyed; toolstack enables log-dirty: EBUSY")]
    public void The_shortest_run_that_breaks_a_property(string design, string property, string run) =>
        Assert.That(string.Join("; ", Explore(design, 2).Properties.Single(found => found.Name == property).Steps!), Is.EqualTo(run));

    [Test]
    public void First_sequence_of_the_thread_is_harmless_without_log_dirty()
    {
        // "1) Server A de-registered 2) gfn N is marked as misconfigured 3) Server B registers and marks gfn N as ioreq_server
        // 4) When N is accessed, the misconfiguration is resolved incorrectly to ram_rw": "But that can't happen, because
        // misconfigured entries are resolved before setting a p2m entry".
        var (machine, p2m) = Start(IoreqDesigns.LazyReset);
        Assert.That(machine.Attach(ref p2m, IoreqOwner.A), Is.EqualTo(P2mOutcome.Ok));
        Assert.That(machine.Mark(ref p2m, X), Is.EqualTo(P2mOutcome.Ok));
        Assert.That(machine.Detach(ref p2m, IoreqOwner.A), Is.EqualTo(P2mOutcome.Ok));
        Assert.That(p2m.Entries[X].Pending, "gfn N is marked as misconfigured");
        Assert.That(machine.Attach(ref p2m, IoreqOwner.B), Is.EqualTo(P2mOutcome.Ok));
        Assert.That(machine.Mark(ref p2m, X), Is.EqualTo(P2mOutcome.Ok));
        Assert.That(p2m.Entries[X].Pending, Is.False, "(non-misconfigured) ioreq_server");
        Assert.That(machine.Write(ref p2m, X), Is.EqualTo(P2mOutcome.ForwardedToB));
    }

    // "resolve_misconfigure() has no way of telling whether the entry is from server A (which should be set to logdirty) or from
    // server B (which should be left as ioreq_server)": the one rule is wrong for Y, the other for X.
    [TestCase("lazy-reset", P2mOutcome.Direct, P2mOutcome.Direct)]
    [TestCase("lazy-keep", P2mOutcome.ForwardedToB, P2mOutcome.ForwardedToB)]
    [TestCase("resolve-before-second-change", P2mOutcome.Direct, P2mOutcome.ForwardedToB)]
    public void Second_sequence_of_the_thread(string design, P2mOutcome x, P2mOutcome y)
    {
        var (machine, p2m) = Start(IoreqLogdirtyModel.DesignNamed(design));
        machine.Attach(ref p2m, IoreqOwner.A); // 1. Server A marks gfn X as ioreq_server
        machine.Mark(ref p2m, X);
        machine.Detach(ref p2m, IoreqOwner.A); // 2. Server A deregisters, gfn X misconfigured
        machine.Attach(ref p2m, IoreqOwner.B); // 3. Server B registers, marks gfn Y as ioreq_server
        machine.Mark(ref p2m, Y);
        Assert.That(machine.EnableLogDirty(ref p2m), Is.EqualTo(P2mOutcome.Ok)); // 4. Logdirty mode enabled; gfn Y misconfigured
        Assert.That((machine.Write(ref p2m, X), machine.Write(ref p2m, Y)), Is.EqualTo((x, y))); // 5. When X or Y are accessed
        if (x == P2mOutcome.Direct)
            Assert.That(p2m.Entries[X].Dirty, "which should be set to logdirty");
    }

    // Where the second sequence is stopped, by those designs that stop it.
    [TestCase("refuse-new-server", 3)]
    [TestCase("sweep-on-detach", 4)]
    [TestCase("refuse-log-dirty-while-mapped", 4)]
    [TestCase("refuse-log-dirty-while-outstanding", 4)]
    [TestCase("xen-4.17", 4)]
    public void Second_sequence_of_the_thread_is_refused_at(string design, int step)
    {
        var (machine, p2m) = Start(IoreqLogdirtyModel.DesignNamed(design));
        machine.Attach(ref p2m, IoreqOwner.A);
        machine.Mark(ref p2m, X);
        machine.Detach(ref p2m, IoreqOwner.A);
        machine.Sweep(ref p2m);
        var registers = machine.Attach(ref p2m, IoreqOwner.B);
        Assert.That(registers, Is.EqualTo(step == 3 ? P2mOutcome.Busy : P2mOutcome.Ok));
        if (step == 3)
            return;
        machine.Mark(ref p2m, Y);
        Assert.That(machine.EnableLogDirty(ref p2m), Is.EqualTo(P2mOutcome.Busy));
    }

    [Test]
    public void Simpler_sequence_of_the_thread()
    {
        // "1. Server A marks gfn X as p2m_ioreq_server; 2. Logdirty mode enabled; gfn X misconfigured; 3. When X is written ...
        // resolve_misconfig() would set gfn X back to p2m_ram_rw, thereafter we can not track access to X".
        var (machine, p2m) = Start(IoreqDesigns.LazyReset);
        machine.Attach(ref p2m, IoreqOwner.A);
        machine.Mark(ref p2m, X);
        machine.EnableLogDirty(ref p2m);
        Assert.That(machine.Write(ref p2m, X), Is.EqualTo(P2mOutcome.Direct));
        Assert.That(p2m.Entries[X].Type, Is.EqualTo(P2mType.RamRw));
        Assert.That(machine.Write(ref p2m, X), Is.EqualTo(P2mOutcome.Direct), "thereafter we can not track access to X");
    }

    [Test]
    public void An_unmap_while_logging_ends_the_log_in_Xen()
    {
        var (machine, p2m) = Start(IoreqDesigns.Xen);
        machine.EnableLogDirty(ref p2m);
        machine.Attach(ref p2m, IoreqOwner.A);
        machine.Write(ref p2m, X);
        machine.Mark(ref p2m, X);
        machine.Detach(ref p2m, IoreqOwner.A);
        machine.Sweep(ref p2m);
        Assert.That(p2m.Globals.RamBecomesLogDirty, Is.False);
        machine.Write(ref p2m, Y);
        Assert.That(p2m.Entries[Y].Dirty, Is.False);
    }

    private static DesignFindings Explore(string design, int pages, Reduction reduction = Reduction.None) =>
        Model.Explore(Model.DesignOf(design), Bounds.Of(Model.Bounds, new Dictionary<string, int> { ["pages"] = pages }), new() { Reduction = reduction });

    private static (P2mMachine Machine, P2m<PackedEntries> P2m) Start(IoreqDesign design) =>
        (new(design), new(PackedEntries.OfRam(2), P2mGlobals.Of(design)));
}
