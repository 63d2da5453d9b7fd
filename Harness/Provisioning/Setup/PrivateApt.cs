using HvLab.Harness.Lab;

namespace HvLab.Harness.Provisioning.Setup;

/// <summary>Sources and package lists of the lab's own for one command: the machine's apt set-up is read and never changed.</summary>
internal static class PrivateApt
{
    /// <summary>Signs every Debian release (package debian-archive-keyring, part of every Debian).</summary>
    private const string Keyring = "/usr/share/keyrings/debian-archive-keyring.gpg";

    /// <summary>Options that make one apt command use these sources and lists.</summary>
    public static IReadOnlyList<string> Options(string sourceList, string lists) =>
    [
        "-o", $"Dir::Etc::SourceList={sourceList}",
        "-o", "Dir::Etc::SourceParts=-",
        "-o", $"Dir::State::Lists={lists}",
        // The cache directory is the user's own: apt's account for downloads may not write there.
        "-o", "APT::Sandbox::User=root",
        // In memory alone: the machine's own apt keeps what it computed of its own lists there.
        "-o", "Dir::Cache::pkgcache=",
        "-o", "Dir::Cache::srcpkgcache=",
    ];

    /// <summary>A Debian release from the mirrors that this machine uses for its own: the release and its security updates.</summary>
    /// <param name="debian">The wanted codename.</param>
    /// <exception cref="LabException"><see cref="LabFault.MissingTool"/>: the machine is no Debian, or has no mirror of its own release.</exception>
    public static IReadOnlyList<AptSource> SourcesOf(string debian, Machine machine)
    {
        ArgumentNullException.ThrowIfNull(machine);
        var own = machine.Codename();
        var sources = AptSources.Read(machine.Root);
        var signed = new Dictionary<string, string> { ["Signed-By"] = Keyring };
        var found = new List<AptSource>();
        foreach (var (suite, wanted) in new[] { (own, debian), ($"{own}-security", $"{debian}-security") })
            if (own is not null && sources.FirstOrDefault(s => s.Suites.Contains(suite) && s.Components.Contains("main")) is { } mirror)
                found.Add(new(mirror.Uri, [wanted], ["main"], signed));
        return found.Count > 0 && found[0].Suites[0] == debian ? found : throw new LabException(LabFault.MissingTool,
            $"Packages of Debian {debian} are wanted, but no package source below /etc/apt names a mirror of this machine's own release ({own ?? "unknown"}) "
            + "to take them from. On a Debian machine restore the line of its main archive; on another system give --xen and --kernel of your own.");
    }
}
