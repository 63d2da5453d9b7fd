using FsCheck;
using FsCheck.Fluent;
using HvLab.Reference.Models;

namespace HvLab.Reference.Tests.Core;

public sealed class IndexSetTests
{
    [Test]
    public void It_is_the_set_of_what_was_put_in_whatever_the_order() =>
        Prop.ForAll(Arb.From(Gen.ArrayOf(Gen.Choose(0, IndexSet.Capacity - 1))), indexes =>
        {
            var set = indexes.Aggregate(default(IndexSet), (set, index) => set.With(index));
            return Enumerable.Range(0, IndexSet.Capacity).All(index => set.Contains(index) == indexes.Contains(index))
                && set == Enumerable.Reverse(indexes).Aggregate(default(IndexSet), (set, index) => set.With(index))
                && indexes.Aggregate(set, (set, index) => set.Without(index)).IsEmpty;
        }).QuickCheckThrowOnFailure();

    [TestCase(-1)]
    [TestCase(IndexSet.Capacity)]
    public void A_number_that_does_not_fit_is_refused(int index) =>
        Assert.That(() => default(IndexSet).With(index), Throws.InstanceOf<ArgumentOutOfRangeException>());
}
