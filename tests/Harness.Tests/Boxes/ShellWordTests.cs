using FsCheck;
using FsCheck.Fluent;
using HvLab.Harness.Drivers.Processes;
using HvLab.Harness.Drivers.Ssh;

namespace HvLab.Harness.Tests.Boxes;

internal sealed class ShellWordTests
{
    [Test]
    public void Any_arguments_come_back_from_a_shell_as_they_went_in() =>
        Prop.ForAll<string?[]>(drawn =>
        {
            var arguments = drawn.Select(Encodable).ToList();
            var result = Command.RunAsync("/bin/sh", ["-c", $"printf '<%s>' {ShellWord.Join(["", .. arguments])}"], CancellationToken.None)
                .GetAwaiter().GetResult();
            // The runner trims and normalizes line ends, so both sides are compared in its terms.
            return Normal(result.Output) == Normal(string.Concat(new[] { "" }.Concat(arguments).Select(argument => $"<{argument}>")));
        }).QuickCheckThrowOnFailure();

    [TestCase("", "''")]
    [TestCase("plain-1.2/x", "plain-1.2/x")]
    [TestCase("two words", "'two words'")]
    [TestCase("it's", "'it'\\''s'")]
    [TestCase("A=b", "'A=b'")]
    [TestCase("~root", "'~root'")]
    [TestCase("$(reboot)", "'$(reboot)'")]
    [TestCase("a\nb", "'a\nb'")]
    public void A_word_is_quoted_where_a_shell_would_read_it(string argument, string quoted) =>
        Assert.That(ShellWord.Quote(argument), Is.EqualTo(quoted));

    [Test]
    public void A_nul_cannot_be_an_argument() => Assert.Throws<ArgumentException>(() => ShellWord.Quote("a\0b"));

    private static string Encodable(string? drawn) =>
        new((drawn ?? "").Where(character => character != '\0' && !char.IsSurrogate(character)).ToArray());

    private static string Normal(string text) => text.ReplaceLineEndings("\n").TrimEnd();
}
