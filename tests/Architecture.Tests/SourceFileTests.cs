using System.Runtime.Versioning;
using System.Text.RegularExpressions;

namespace HvLab.Architecture.Tests;

/// <summary>What holds for every tracked file.</summary>
public sealed partial class SourceFileTests
{
    private const int MaxLines = 400;

    private static readonly string[] Binary = [".png", ".ico", ".gz", ".woff2"];

    private static IEnumerable<string> TextFiles =>
        Repository.Files.Where(file => !Binary.Contains(Path.GetExtension(file), StringComparer.Ordinal));

    [Test]
    public void A_file_has_one_subject_so_it_stays_short()
    {
        foreach (var file in Repository.FilesEndingIn(".cs").Where(file => !file.Contains("/Generated/", StringComparison.Ordinal)))
            Assert.That(File.ReadLines(Path.Combine(Repository.Root, file)).Count(), Is.LessThanOrEqualTo(MaxLines), file);
    }

    [Test]
    public void No_file_names_a_path_of_one_machine()
    {
        foreach (var file in TextFiles)
            foreach (Match path in MachinePath().Matches(Repository.Read(file)))
                Assert.Fail($"{file} names '{path.Value}', which is only on one machine.");
    }

    [Test]
    public void No_file_names_a_package_registry()
    {
        // The machine's own sources decide where packages come from. Split, so that this file does not name them either.
        string[] hosts = ["api.nuget" + ".org", "deb.debian" + ".org", "security.debian" + ".org", "pkgs.dev." + "azure.com", "packages." + "microsoft.com"];
        foreach (var file in TextFiles)
        {
            var text = Repository.Read(file);
            foreach (var host in hosts)
                Assert.That(text, Does.Not.Contain(host).IgnoreCase, file);
        }
    }

    [SupportedOSPlatform("linux")]
    [TestCase("hvlab")]
    [TestCase("test")]
    [TestCase(".ci/run")]
    [TestCase(".ci/build-hvlab")]
    [TestCase(".ci/dotnet-check")]
    public void A_launcher_can_be_run_and_stops_at_its_first_error(string launcher)
    {
        Assert.That(File.GetUnixFileMode(Path.Combine(Repository.Root, launcher)) & UnixFileMode.UserExecute, Is.Not.EqualTo(UnixFileMode.None));
        Assert.That(Repository.Read(launcher), Does.StartWith("#!/usr/bin/env bash\n").And.Contain("\nset -euo pipefail\n"));
    }

    // A home or work directory with something below it, at the start of a path.
    [GeneratedRegex(@"(?<![\w./$}*~-])/(work|root|home)/\w[\w./-]*")]
    private static partial Regex MachinePath();
}
