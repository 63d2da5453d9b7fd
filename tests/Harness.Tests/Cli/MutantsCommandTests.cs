using HvLab.Harness.Cli;

namespace HvLab.Harness.Tests.Cli;

public sealed class MutantsCommandTests
{
    [Test]
    public async Task A_filter_without_a_match_is_bad_usage_and_names_the_mutants()
    {
        using var terminal = new Terminal();
        Assert.That(await terminal.RunAsync("mutants kvm --filter nothing-like-it"), Is.EqualTo(ExitCode.Usage));
        Assert.That(terminal.Error.ToString(), Does.Contain("--filter nothing-like-it").And.Contain("token-zero"));
    }

    [TestCase("file", "this is a file")]
    [TestCase("full", "the directory holds other files")]
    public async Task A_place_that_cannot_be_used_is_refused_before_anything_starts(string place, string expected)
    {
        using var terminal = new Terminal();
        terminal.Write("file");
        terminal.Write("full/of-something");
        Assert.That(await terminal.RunAsync($"mutants kvm --out {place}"), Is.EqualTo(ExitCode.Usage));
        Assert.That(terminal.Error.ToString(), Does.Contain(expected));
    }
}
