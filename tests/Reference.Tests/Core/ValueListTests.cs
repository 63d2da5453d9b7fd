using FsCheck;
using FsCheck.Fluent;

namespace HvLab.Reference.Tests.Core;

public sealed class ValueListTests
{
    [Test]
    public void Lists_are_equal_exactly_where_their_items_are() =>
        Prop.ForAll<int[], int[]>((left, right) =>
        {
            ValueList<int> one = [.. left], same = [.. left.ToArray()], other = [.. right];
            return one == same && one.GetHashCode() == same.GetHashCode() && one.Equals((object)same)
                && (one == other) == left.SequenceEqual(right) && (one != other) == !left.SequenceEqual(right);
        }).QuickCheckThrowOnFailure();

    [Test]
    public void Every_change_makes_a_new_list_and_leaves_the_old_one() =>
        Prop.ForAll<int[], int>((items, item) =>
        {
            ValueList<int> list = [.. items];
            var added = list.Add(item);
            return list.SequenceEqual(items)
                && added.SequenceEqual([.. items, item])
                && added.RemoveAt(items.Length) == list
                && added.Set(items.Length, item + 1)[items.Length] == item + 1 && added[items.Length] == item
                && list.AddRange(added) == [.. items, .. items, item]
                && added.Where(kept => kept != item).SequenceEqual(items.Where(kept => kept != item));
        }).QuickCheckThrowOnFailure();

    [Test]
    public void A_union_adds_only_what_is_not_there() =>
        Prop.ForAll<int[], int>((items, item) =>
        {
            ValueList<int> list = [.. items];
            return list.Union(item) == (items.Contains(item) ? list : list.Add(item)) && list.Union(item).Union(item) == list.Union(item);
        }).QuickCheckThrowOnFailure();

    [Test]
    public void A_list_never_made_is_the_empty_one()
    {
        ValueList<int> never = default;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(never == [], Is.True);
            Assert.That(never.GetHashCode(), Is.EqualTo(((ValueList<int>)[]).GetHashCode()));
            Assert.That(never.Add(1) == [1], Is.True);
        }
    }
}
