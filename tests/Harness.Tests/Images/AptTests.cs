using HvLab.Harness.Drivers.Processes;
using HvLab.Harness.Lab;
using HvLab.Harness.Provisioning.Setup;

namespace HvLab.Harness.Tests.Images;

public sealed class AptTests
{
    [Test]
    public void Another_Debian_release_comes_from_the_machines_own_mirror_and_is_signed_by_Debian()
    {
        using var root = new Scratch();
        Directory.CreateDirectory(root["etc/apt"]);
        File.WriteAllText(root["etc/os-release"], "VERSION_CODENAME=bookworm\n");
        File.WriteAllText(root["etc/apt/sources.list"], "deb [trusted=yes] http://mirror/debian bookworm main contrib\ndeb http://mirror/security bookworm-security main\n");
        var sources = PrivateApt.SourcesOf("trixie", new([], root.Path));
        Assert.That(sources.Select(source => source.ToStanza("deb deb-src")), Is.EqualTo(new[]
        {
            "Types: deb deb-src\nURIs: http://mirror/debian\nSuites: trixie\nComponents: main\nSigned-By: /usr/share/keyrings/debian-archive-keyring.gpg\n\n",
            "Types: deb deb-src\nURIs: http://mirror/security\nSuites: trixie-security\nComponents: main\nSigned-By: /usr/share/keyrings/debian-archive-keyring.gpg\n\n",
        }));
    }

    [Test]
    public void A_machine_that_is_no_Debian_is_told_so()
    {
        using var root = new Scratch();
        Assert.That(() => PrivateApt.SourcesOf("trixie", new([], root.Path)),
            Throws.TypeOf<LabException>().With.Message.Contains("Debian trixie").And.Message.Contains("unknown"));
    }

    [Test]
    public void The_one_line_format_is_read_with_its_options()
    {
        var sources = AptSources.ParseList("""
            # deb http://old/debian buster main
            deb [arch=amd64 signed-by=/usr/share/keyrings/k.gpg] http://mirror/debian bookworm main contrib # here
            deb-src http://mirror/debian bookworm main
            deb cdrom:[Debian]/ bookworm main
            deb	http://mirror/security bookworm-security main
            """);
        Assert.That(sources, Has.Count.EqualTo(2));
        Assert.Multiple(() =>
        {
            Assert.That(sources[0].Uri, Is.EqualTo("http://mirror/debian"));
            Assert.That(sources[0].Suites, Is.EqualTo(new[] { "bookworm" }));
            Assert.That(sources[0].Components, Is.EqualTo(new[] { "main", "contrib" }));
            Assert.That(sources[0].Options["Signed-By"], Is.EqualTo("/usr/share/keyrings/k.gpg"));
            Assert.That(sources[0].Options["Architectures"], Is.EqualTo("amd64"));
            Assert.That(sources[1].Uri, Is.EqualTo("http://mirror/security"));
        });
    }

    [Test]
    public void The_deb822_format_is_read_with_comments_several_suites_and_an_embedded_key()
    {
        var sources = AptSources.ParseDeb822("""
            Types: deb deb-src
            # http://snapshot/debian
            URIs: http://mirror/debian http://second/debian
            Suites: bookworm bookworm-updates
            Components: main
            Signed-By:
             -----BEGIN PGP PUBLIC KEY BLOCK-----
             .
             mQINBF
             -----END PGP PUBLIC KEY BLOCK-----

            Types: deb
            Enabled: no
            URIs: http://off/debian
            Suites: bookworm
            Components: main
            """);
        Assert.That(sources.Select(s => s.Uri), Is.EqualTo(new[] { "http://mirror/debian", "http://second/debian" }));
        Assert.Multiple(() =>
        {
            Assert.That(sources[0].Suites, Is.EqualTo(new[] { "bookworm", "bookworm-updates" }));
            Assert.That(sources[0].Options["Signed-By"], Does.Contain("\n mQINBF"));
        });
    }

    [Test]
    public void What_is_written_for_the_private_list_is_read_back_the_same()
    {
        var source = new AptSource("http://mirror/debian", ["bookworm-backports"], ["main"],
            new Dictionary<string, string> { ["Signed-By"] = "/usr/share/keyrings/k.gpg" });
        var back = AptSources.ParseDeb822(source.ToStanza() + source.ToStanza());
        Assert.That(back, Has.Count.EqualTo(2));
        Assert.That(back[1].ToStanza(), Is.EqualTo(source.ToStanza()));
    }

    [TestCase("E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 17 (apt)", "another package manager")]
    [TestCase("sudo: a password is required", "sudo does not answer")]
    [TestCase("Err:1 http://mirror.example Temporary failure resolving 'mirror.example'", "could not be reached")]
    [TestCase("E: Unable to locate package qemu-system-x86", "do not offer it")]
    [TestCase("something never seen", "exit code 100")]
    public void What_apt_says_becomes_a_cause_and_a_next_step(string words, string cause)
    {
        var trouble = AptTrouble.Explain("installing qemu-system-x86", "sudo apt-get install qemu-system-x86", new(100, "", words));
        Assert.Multiple(() =>
        {
            Assert.That(trouble.Reason, Is.EqualTo(LabFault.MissingTool));
            Assert.That(trouble.Message, Does.Contain(cause).And.Contain("installing qemu-system-x86"));
            Assert.That(trouble.Message, Does.Not.Contain("\n"));
            Assert.That(trouble.Evidence, Does.Contain(words));
        });
    }

    [Test]
    public void A_full_disk_is_told_from_a_missing_tool() =>
        Assert.That(AptTrouble.Explain("x", "y", new CommandResult(100, "", "write error (28: No space left on device)")).Reason, Is.EqualTo(LabFault.DiskFull));

    [Test]
    public void A_candidate_version_is_its_upstream_part()
    {
        Assert.Multiple(() =>
        {
            Assert.That(Backports.Candidate("  Installed: (none)\n  Candidate: 1:7.2+dfsg-7+deb12u18+b3\n"), Is.EqualTo(new Version(7, 2)));
            Assert.That(Backports.Candidate("  Candidate: 1:10.0.2+ds-2+deb13u1~bpo12+1\n"), Is.EqualTo(new Version(10, 0, 2)));
            Assert.That(Backports.Candidate("  Candidate: (none)\n"), Is.Null);
        });
    }
}
