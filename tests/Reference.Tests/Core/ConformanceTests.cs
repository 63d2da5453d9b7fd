using HvLab.Reference.Models;

namespace HvLab.Reference.Tests.Core;

/// <summary>Judging and exploring with a toy: a hidden coin falls when it is thrown, and is shown later.</summary>
public sealed class ConformanceTests
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(1);
    private static readonly Rule Hidden = new("the coin falls", "this test");

    [Test]
    public void Every_state_that_explains_the_past_is_kept()
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Check(("throw", "thrown"), ("show", "heads")), Is.Null);
            Assert.That(Check(("throw", "thrown"), ("show", "tails")), Is.Null);
        }
    }

    [Test]
    public void What_was_shown_rules_the_other_states_out()
    {
        var divergence = Check(("throw", "thrown"), ("show", "heads"), ("show", "tails"));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(divergence?.Step, Is.EqualTo(2));
            Assert.That(divergence?.Allowed, Is.EqualTo((string[])["heads"]));
            Assert.That(divergence?.Late, Is.False);
        }
    }

    [Test]
    public void A_divergence_names_what_every_kept_state_allows_and_by_which_rule()
    {
        var divergence = Check(("throw", "thrown"), ("show", "edge"));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(divergence?.Allowed, Is.EquivalentTo((string[])["heads", "tails"]));
            Assert.That(divergence?.Rules, Is.EqualTo((Rule[])[Hidden]));
        }
    }

    [Test]
    public void What_is_right_and_late_diverges_as_late()
    {
        Event<string, string>[] events = [new("throw", "thrown", Bound), new("show", "heads", Bound + TimeSpan.FromTicks(1))];
        var divergence = New().Check(Coin.Unknown, events);
        Assert.That((divergence?.Step, divergence?.Late), Is.EqualTo((1, true)));
    }

    [Test]
    public void A_judge_starts_afresh_each_time()
    {
        var judge = New();
        Event<string, string>[] wrong = [new("throw", "lost", TimeSpan.Zero)], right = [new("throw", "thrown", TimeSpan.Zero)];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(judge.Check(Coin.Unknown, wrong), Is.Not.Null);
            Assert.That(judge.Check(Coin.Unknown, right), Is.Null);
        }
    }

    [Test]
    public void Answers_whose_value_the_machine_chooses_are_taken_as_they_come()
    {
        var any = Allowed<Coin, string>.None.OrAny(() => "3", seen => int.TryParse(seen, out _) ? Coin.Heads : null).Alternatives[0];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(any.Explain("7"), Is.EqualTo(Coin.Heads));
            Assert.That(any.Explain("seven"), Is.Null);
            Assert.That(any.Example, Is.EqualTo("3"));
        }
    }

    [Test]
    public void An_example_that_its_own_rule_refuses_is_found_by_exploration() =>
        Assert.That(
            () => StateSpace.Explore<Coin, string, string>(Coin.Unknown, ["throw"], (_, _) => Allowed<Coin, string>.None.OrAny(() => "three", _ => null)),
            Throws.InvalidOperationException.With.Message.Contains("three"));

    [Test]
    public void An_exploration_past_its_bound_says_so()
    {
        static Allowed<Count, int> Grow(string _, Count count) => Allowed<Count, int>.Only(count.Value, new(count.Value + 1));
        Assert.That(() => StateSpace.Explore<Count, string, int>(new(0), ["grow"], Grow, maxStates: 10),
            Throws.InvalidOperationException.With.Message.Contains("More than 10 states"));
    }

    [Test]
    public void An_exploration_follows_each_answer_of_each_state_once()
    {
        var answers = new List<string>();
        var space = StateSpace.Explore<Coin, string, string>(Coin.Unknown, ["throw", "show"], Answer, step => answers.Add($"{step.From.Side}:{step.Seen}"));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(space.States, Is.EquivalentTo((Coin[])[Coin.Unknown, Coin.Heads, Coin.Tails]));
            Assert.That(space.Transitions, Is.EqualTo(8));
            Assert.That(answers, Has.Count.EqualTo(8));
        }
    }

    private static FirstDivergence<string>? Check(params (string Operation, string Seen)[] events) =>
        New().Check(Coin.Unknown, events.Select(now => new Event<string, string>(now.Operation, now.Seen, TimeSpan.Zero)).ToArray());

    private static Conformance<Coin, string, string> New() => new(Answer, Bound);

    private static Allowed<Coin, string> Answer(string operation, Coin coin) => operation == "throw"
        ? Allowed<Coin, string>.Only("thrown", Coin.Heads, Hidden).Or("thrown", Coin.Tails, Hidden)
        : Allowed<Coin, string>.None.OrIf(coin != Coin.Unknown, coin.Side, coin, Hidden);

    private sealed record Coin(string Side)
    {
        public static Coin Unknown => new("unknown");
        public static Coin Heads => new("heads");
        public static Coin Tails => new("tails");
    }

    private sealed record Count(int Value);
}
