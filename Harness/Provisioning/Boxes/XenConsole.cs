using System.Globalization;
using System.Text.RegularExpressions;
using HvLab.Harness.Drivers.Console;
using HvLab.Harness.Lab;

namespace HvLab.Harness.Provisioning.Boxes;

/// <summary>Hears what Xen says of itself while it boots; dom0 could not tell all of it, and none of it as early.</summary>
internal sealed partial class XenConsole
{
    private const int MostChars = 300;
    private const string Mark = "(XEN) ";

    private string _banner = "", _changeset = "", _buildId = "";
    private string? _paging, _answer;
    private int _cpus;
    private bool _begun;

    /// <param name="line">A line of the console; the same one may come twice, at first in part.</param>
    public void Hear(string line)
    {
        // The firmware does not always get its last line's end out before Xen takes the port over: "Booting from ROM..(XEN) Xen
        // version". Later on nothing stands before Xen's mark but what guests print, and that is not Xen's word.
        var mark = line.IndexOf(Mark, StringComparison.Ordinal);
        if (mark > 0 && !_begun)
            line = line[mark..];
        _begun |= mark == 0;
        if (!line.StartsWith(Mark, StringComparison.Ordinal))
        {
            if (line.StartsWith(Answer, StringComparison.Ordinal))
                _answer = line[Answer.Length..];
            return;
        }
        // xen/arch/x86/setup.c and xen/common/kernel.c, in the order in which they come.
        if (Banner().Match(line) is { Success: true } banner)
            _banner = Longer(_banner, banner.Groups["banner"].Value);
        else if (After(line, "Latest ChangeSet: ") is { } changeset)
            _changeset = Longer(_changeset, changeset);
        else if (After(line, "build-id: ") is { } id)
            _buildId = Longer(_buildId, id);
        else if (line.Contains(" - Nested Page Tables (NPT)", StringComparison.Ordinal))
            _paging = "NPT";
        else if (line.Contains(" - Extended Page Tables (EPT)", StringComparison.Ordinal))
            _paging = "EPT";
        else if (BroughtUp().Match(line) is { Success: true } up && int.TryParse(up.Groups["cpus"].Value, CultureInfo.InvariantCulture, out var cpus))
            _cpus = cpus;
    }

    /// <summary>Images/init.sh: version|options|. (the last says that the line is whole).</summary>
    private const string Answer = "HVLAB-XEN ";

    /// <summary>The host's facts with what was heard; unchanged where nothing was: no Xen booted.</summary>
    /// <param name="flavour">What the release calls what it boots; what the hypervisor says itself goes before it.</param>
    public HostFacts Apply(HostFacts facts, string flavour)
    {
        var said = Parts().Match(_banner);
        var answer = _answer?.Trim().Split('|') is [var version, var options, "."] ? (Version: version, Options: options) : default;
        if (!said.Success && answer.Version is null)
            return facts;
        var xen = new XenFacts
        {
            Version = Safe(answer.Version ?? said.Groups["version"].Value),
            Build = Safe(said.Groups["build"].Value.Trim()),
            Flavour = Flavour().Match(_banner) is { Success: true } own ? own.Groups["flavour"].Value : flavour,
            Changeset = Safe(_changeset),
            BuildId = Safe(_buildId),
            Debug = said.Groups["debug"].Value == "y",
            Options = [.. (answer.Options ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(Safe)],
        };
        facts = facts with { Xen = xen, NestedPaging = _paging ?? "none", KvmModule = "none", Cpus = _cpus > 0 ? _cpus : facts.Cpus };
        return facts with { Capabilities = Capabilities(facts, xen) };
    }

    private static IReadOnlyList<string> Capabilities(HostFacts facts, XenFacts xen)
    {
        var found = new List<string> { HostCapability.Xen };
        if (xen.Options.Contains("CONFIG_MEM_PAGING"))
            found.Add(HostCapability.XenPaging);
        // xen/arch/x86/mm/mem_sharing.c refuses it without VMX, unless the lab took that out.
        if (xen.Options.Contains("CONFIG_MEM_SHARING") && (facts.NestedPaging == "EPT" || xen.Flavour.StartsWith("sharing-amd", StringComparison.Ordinal)))
            found.Add(HostCapability.XenSharing);
        return found;
    }

    /// <summary>Of a line that came in part and whole, in whichever order, the whole.</summary>
    private static string Longer(string heard, string now) => now.Length >= heard.Length ? now : heard;

    private static string? After(string line, string words) =>
        line.AsSpan(Mark.Length).StartsWith(words) ? line[(Mark.Length + words.Length)..].Trim() : null;

    private static string Safe(string text) => ConsoleText.Escape(text.Trim(), MostChars);

    [GeneratedRegex(@"\A\(XEN\) Xen version (?<banner>\d.*)", RegexOptions.ExplicitCapture)]
    private static partial Regex Banner();

    /// <summary>"4.17.7 (Debian …) (builder) (compiler) debug=n DATE"; versions before 4.5 had no debug=.</summary>
    [GeneratedRegex(@"\A(?<version>\S+)(?<build>.*?)( debug=(?<debug>[yn])\b.*)?\z", RegexOptions.ExplicitCapture | RegexOptions.Singleline)]
    private static partial Regex Parts();

    [GeneratedRegex(@"\+hvlab\.(?<flavour>[a-z0-9-]+)", RegexOptions.ExplicitCapture)]
    private static partial Regex Flavour();

    [GeneratedRegex(@"\A\(XEN\) Brought up (?<cpus>\d{1,4}) CPUs", RegexOptions.ExplicitCapture)]
    private static partial Regex BroughtUp();
}
