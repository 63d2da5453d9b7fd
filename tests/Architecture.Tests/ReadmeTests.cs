using System.Diagnostics;
using System.Text.RegularExpressions;

namespace HvLab.Architecture.Tests;

/// <summary>What README tells people to type exists.</summary>
public sealed partial class ReadmeTests
{
    private static IEnumerable<string> Lines => CodeBlock().Matches(Repository.Read("README.md"))
        .SelectMany(block => block.Groups[1].Value.Split('\n'))
        .Select(line => line.Split('#')[0].Trim())
        .Where(line => line.StartsWith("./", StringComparison.Ordinal));

    [Test]
    public void README_shows_the_two_commands() => Assert.That(Lines, Does.Contain("./hvlab run").And.Contain("./test"));

    [TestCaseSource(nameof(Lines))]
    public void A_command_of_README_exists(string line)
    {
        var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        Assert.That(Path.Combine(Repository.Root, words[0]), Does.Exist);
        if (words[0] != "./hvlab")
            return;
        // Parsed with --help last: wrong commands and options are refused, nothing is run.
        var program = Path.Combine(Repository.Root, "artifacts", "bin", "HvLab.Cli", "release", "hvlab.dll");
        var start = new ProcessStartInfo("dotnet", [program, .. words[1..].TakeWhile(word => !word.StartsWith('-')), "--help"])
        {
            RedirectStandardOutput = true,
        };
        using var hvlab = Process.Start(start)!;
        var help = hvlab.StandardOutput.ReadToEnd();
        hvlab.WaitForExit();
        Assert.That(hvlab.ExitCode, Is.Zero);
        if (words.Length > 1)
            Assert.That(help, Does.Contain($"hvlab {words[1]}"));
        foreach (var option in words.Where(word => word.StartsWith("--", StringComparison.Ordinal)))
            Assert.That(help, Does.Contain(option));
    }

    [Test]
    public void Every_path_of_the_map_exists()
    {
        foreach (Match path in MapEntry().Matches(Repository.Read("README.md")))
            Assert.That(Path.Combine(Repository.Root, path.Groups[1].Value), Does.Exist);
    }

    [GeneratedRegex(@"^```\w*\n(.*?)^```", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex CodeBlock();

    // A row of the map: | `Reference/Models/` | … |
    [GeneratedRegex(@"^\| `([^`]+)` \|", RegexOptions.Multiline)]
    private static partial Regex MapEntry();
}
