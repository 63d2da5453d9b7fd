using HvLab.Reference.Models.Fuzz;

namespace HvLab.Reference.Tests.Fuzz;

public sealed class ShrinkerTests
{
    private int _batches;

    private Shrinker<string> Of(Func<IReadOnlyList<string>, bool> shows, Func<string, IEnumerable<string>>? simpler = null, ShrinkPace pace = ShrinkPace.AllAtOnce) => new(
        (plans, _) =>
        {
            _batches++;
            return Task.FromResult<IReadOnlyList<bool>>([.. plans.Select(shows)]);
        },
        plan => plan, simpler ?? (_ => []), pace);

    private static string[] Plan(int count) => [.. Enumerable.Range(0, count).Select(index => $"{index}")];

    [SetUp]
    public void Reset() => _batches = 0;

    [TestCase("39")]
    [TestCase("0 39")]
    [TestCase("3 17 18 38")]
    public async Task What_is_needed_stays_and_nothing_else(string words)
    {
        var needed = words.Split(' ');
        var shrunk = await Of(plan => needed.All(plan.Contains)).ShrinkAsync(Plan(40), () => false, default);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(shrunk.Plan, Is.EqualTo(needed));
            Assert.That(shrunk.IsMinimal);
            Assert.That(_batches, Is.LessThanOrEqualTo(10), "a box answers a batch at once");
        }
    }

    [Test]
    public async Task Operations_keep_their_order()
    {
        var shrunk = await Of(plan => plan.ToList() is var list && list.IndexOf("7") >= 0 && list.IndexOf("7") < list.IndexOf("30")).ShrinkAsync(Plan(40), () => false, default);
        Assert.That(shrunk.Plan, Is.EqualTo(new[] { "7", "30" }));
    }

    [Test]
    public async Task Operations_become_simpler_where_that_shows_the_same()
    {
        var shrunk = await Of(plan => plan.Any(operation => operation is "39" or "plain"), operation => operation == "plain" ? [] : ["plain"]).ShrinkAsync(Plan(40), () => false, default);
        Assert.That(shrunk.Plan, Is.EqualTo(new[] { "plain" }));
    }

    [Test]
    public async Task Every_pace_comes_to_the_same_end([Values] ShrinkPace pace)
    {
        var shrunk = await Of(plan => plan.Contains("3") && plan.Contains("30"), pace: pace).ShrinkAsync(Plan(40), () => false, default);
        Assert.That(shrunk.Plan, Is.EqualTo(new[] { "3", "30" }));
    }

    [Test]
    public async Task When_time_is_over_the_smallest_so_far_counts()
    {
        var shrunk = await Of(plan => plan.Contains("3") && plan.Contains("30")).ShrinkAsync(Plan(40), () => _batches >= 2, default);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(shrunk.Plan, Has.Count.LessThan(40).And.Contain("3").And.Contain("30"));
            Assert.That(shrunk.IsMinimal, Is.False);
        }
    }
}
