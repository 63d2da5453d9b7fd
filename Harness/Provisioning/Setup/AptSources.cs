using System.Text;

namespace HvLab.Harness.Provisioning.Setup;

/// <summary>One source of packages, from either of apt's two formats.</summary>
/// <param name="Uri">The mirror.</param>
/// <param name="Suites">For instance "bookworm", "bookworm-updates".</param>
/// <param name="Components">For instance "main".</param>
/// <param name="Options">Everything else, as deb822 fields ("Signed-By" → value, possibly of several lines).</param>
public sealed record AptSource(
    string Uri, IReadOnlyList<string> Suites, IReadOnlyList<string> Components, IReadOnlyDictionary<string, string> Options)
{
    /// <summary>A deb822 stanza (sources.list(5)), ending in a blank line.</summary>
    /// <param name="types">"deb", or "deb deb-src" for source packages too.</param>
    public string ToStanza(string types = "deb")
    {
        var text = new StringBuilder();
        text.Append("Types: ").Append(types).Append("\nURIs: ").Append(Uri)
            .Append("\nSuites: ").AppendJoin(' ', Suites)
            .Append("\nComponents: ").AppendJoin(' ', Components).Append('\n');
        foreach (var (name, value) in Options.OrderBy(o => o.Key, StringComparer.Ordinal))
            text.Append(name).Append(": ").Append(value).Append('\n');
        return text.Append('\n').ToString();
    }
}

/// <summary>Reads the machine's own apt sources: sources.list and sources.list.d, one-line and deb822 formats.</summary>
public static class AptSources
{
    /// <param name="root">The machine's root directory.</param>
    public static IReadOnlyList<AptSource> Read(string root = "/")
    {
        var directory = Path.Combine(root, "etc/apt/sources.list.d");
        var files = Directory.Exists(directory) ? Directory.GetFiles(directory).Order(StringComparer.Ordinal) : Enumerable.Empty<string>();
        return files.Prepend(Path.Combine(root, "etc/apt/sources.list")).Where(File.Exists)
            .SelectMany(file => Path.GetExtension(file) switch
            {
                ".list" => ParseList(File.ReadAllText(file)),
                ".sources" => ParseDeb822(File.ReadAllText(file)),
                _ => [],
            })
            .ToList();
    }

    /// <summary>"deb [signed-by=KEYRING arch=amd64] URI SUITE COMPONENT…", one a line; deb-src and cdrom are left out.</summary>
    public static IReadOnlyList<AptSource> ParseList(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var sources = new List<AptSource>();
        foreach (var line in text.Split('\n').Select(l => l.Split('#')[0].Trim()))
        {
            var options = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
            var rest = line;
            if (!rest.StartsWith("deb ", StringComparison.Ordinal) && !rest.StartsWith("deb\t", StringComparison.Ordinal))
                continue;
            rest = rest[3..].Trim();
            if (rest.StartsWith('[') && rest.IndexOf(']', StringComparison.Ordinal) is > 0 and var end)
            {
                foreach (var option in rest[1..end].Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
                    if (option.Split('=', 2) is [var name, var value])
                        options[FieldName(name)] = value.Replace(',', ' ');
                rest = rest[(end + 1)..];
            }
            var words = rest.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            if (words.Length >= 2 && !words[0].StartsWith("cdrom:", StringComparison.Ordinal))
                sources.Add(new(words[0], [words[1]], words[2..], options));
        }
        return sources;
    }

    /// <summary>Stanzas of "Field: value" with continuation lines; "Enabled: no", deb-src and cdrom are left out.</summary>
    public static IReadOnlyList<AptSource> ParseDeb822(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var sources = new List<AptSource>();
        var stanza = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        string? last = null;
        foreach (var line in text.Split('\n').Append(""))
        {
            if (line.StartsWith('#'))
                continue;
            if (line.Trim().Length == 0)
            {
                sources.AddRange(FromStanza(stanza));
                stanza = new(StringComparer.OrdinalIgnoreCase);
                last = null;
            }
            else if (char.IsWhiteSpace(line[0]) && last is not null)
                stanza[last] += "\n" + line.TrimEnd();
            else if (line.Split(':', 2) is [var name, var value])
                stanza[last = name.Trim()] = value.Trim();
        }
        return sources;
    }

    private static IEnumerable<AptSource> FromStanza(Dictionary<string, string> stanza)
    {
        if (!Words(stanza, "Types").Contains("deb") || stanza.GetValueOrDefault("Enabled", "yes") is "no" or "false")
            return [];
        string[] own = ["Types", "URIs", "Suites", "Components", "Enabled"];
        var options = stanza.Where(field => !own.Contains(field.Key, StringComparer.OrdinalIgnoreCase))
            .ToDictionary(field => field.Key, field => field.Value, StringComparer.OrdinalIgnoreCase);
        return Words(stanza, "URIs").Where(uri => !uri.StartsWith("cdrom:", StringComparison.Ordinal))
            .Select(uri => new AptSource(uri, Words(stanza, "Suites"), Words(stanza, "Components"), options));
    }

    private static string[] Words(Dictionary<string, string> stanza, string field) =>
        stanza.GetValueOrDefault(field, "").Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);

    /// <summary>The one-line options are the deb822 fields in lower case, three of them in another number (sources.list(5)).</summary>
    private static string FieldName(string option) => option.ToLowerInvariant() switch
    {
        "arch" => "Architectures",
        "lang" => "Languages",
        "target" => "Targets",
        "signed-by" => "Signed-By",
        var other => string.Join('-', other.Split('-').Select(part => part.Length > 0 ? char.ToUpperInvariant(part[0]) + part[1..] : part)),
    };
}
