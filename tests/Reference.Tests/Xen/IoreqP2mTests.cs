using HvLab.Reference.Models.Xen.Ioreq;

namespace HvLab.Reference.Tests.Xen;

/// <summary>The packed and the listed p2m are one: the explored model and the one that judges traces share their code and their results.</summary>
public sealed class IoreqP2mTests
{
    [Test]
    public void Packed_and_listed_entries_behave_alike()
    {
        var random = new Random(20160623);
        foreach (var design in IoreqDesigns.All)
        {
            var machine = new P2mMachine(design);
            var packed = new P2m<PackedEntries>(PackedEntries.OfRam(PackedEntries.Most), P2mGlobals.Of(design));
            var listed = new P2m<ListedEntries>(ListedEntries.OfRam(PackedEntries.Most), P2mGlobals.Of(design));
            for (var step = 0; step < 5_000; step++)
            {
                var (kind, page, server) = (random.Next(12), random.Next(PackedEntries.Most), (IoreqOwner)(1 + random.Next(2)));
                Assert.That(Do(machine, ref packed, kind, page, server), Is.EqualTo(Do(machine, ref listed, kind, page, server)), $"{design}, step {step}, kind {kind}");
                Assert.That(packed.Globals, Is.EqualTo(listed.Globals));
                for (var at = 0; at < PackedEntries.Most; at++)
                    Assert.That(packed.Entries[at], Is.EqualTo(listed.Entries[at]));
            }
        }
    }

    [Test]
    public void A_state_keeps_its_p2m()
    {
        var p2m = new P2m<PackedEntries>(PackedEntries.OfRam(3).With(2, default(P2mEntry).As(P2mType.IoreqServer).Marked(IoreqOwner.B).WithPending(true)),
            default(P2mGlobals).OwnedBy(IoreqOwner.B).WithLogDirty(true).WithSweeping(true));
        Assert.That(IoreqLogdirtyState.Of(p2m).P2m, Is.EqualTo(p2m));
    }

    [Test]
    public void Sorting_pages_keeps_them_all()
    {
        var entries = PackedEntries.OfRam(4).With(0, new(0x43)).With(1, new(2)).With(3, new(0x1a));
        var sorted = entries.Sorted();
        Assert.That(Enumerable.Range(0, 4).Select(page => sorted[page].Bits), Is.EqualTo(new byte[] { 0, 2, 0x1a, 0x43 }));
        Assert.That(sorted.Count, Is.EqualTo(4));
    }

    private static P2mOutcome Do<T>(P2mMachine machine, ref P2m<T> p2m, int kind, int page, IoreqOwner server) where T : struct, IP2mEntries<T>
    {
        switch (kind)
        {
            case 0: return machine.Attach(ref p2m, server);
            case 1:
                var detached = machine.Detach(ref p2m, server);
                machine.Sweep(ref p2m);
                return detached;
            case 2:
                var destroyed = machine.Destroy(ref p2m, server);
                machine.Sweep(ref p2m);
                return destroyed;
            case 3: return machine.EnableLogDirty(ref p2m);
            case 4: return machine.DisableLogDirty(ref p2m);
            case 5: return machine.CleanDirty(ref p2m);
            case 6: return machine.SetPlain(ref p2m, page, P2mType.RamRw);
            case 7: return machine.SetPlain(ref p2m, page, P2mType.RamRo);
            case 8: return machine.Read(ref p2m, page);
            case 9: return machine.Write(ref p2m, page);
            default: return machine.Mark(ref p2m, page);
        }
    }
}
