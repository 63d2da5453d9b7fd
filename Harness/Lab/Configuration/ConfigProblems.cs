using Microsoft.Extensions.Configuration;

namespace HvLab.Harness.Lab.Configuration;

/// <summary>Everything wrong with one load, each with its origin (file, variable or option), its path and what is allowed.</summary>
internal sealed class ConfigProblems
{
    private readonly List<string> _problems = [];

    private readonly HashSet<string> _unreadable = new(StringComparer.OrdinalIgnoreCase);

    public int Count => _problems.Count;

    public void Add(string problem) => _problems.Add(problem);

    /// <summary>The section's file could not be read: that it lacks keys says nothing more.</summary>
    public void Unreadable(string section, string problem)
    {
        _unreadable.Add(section);
        Add(problem);
    }

    public void Wrong(IConfigurationRoot root, string path, string? value, string allowed) =>
        Add($"{Origin(root, path)}: '{path}'{(value is null ? "" : $" is '{Shorten(value)}', but")} must be {allowed}.");

    public void Missing(IConfigurationRoot root, string path, string allowed)
    {
        if (!_unreadable.Contains(path.Split(ConfigurationPath.KeyDelimiter)[0]))
            Add($"{Origin(root, path)}: '{path}' is missing; it must be {allowed}.");
    }

    public void Unknown(IConfigurationRoot root, string path, string key, IReadOnlyCollection<string> known) =>
        Add($"{Origin(root, path)}: '{path}' is not a known key; {Nearest.Hint(key, known)}");

    public LabException ToException(string directory) => new(LabFault.Configuration,
        $"The lab configuration in {directory} has {(_problems.Count == 1 ? "one problem" : $"{_problems.Count} problems")}; "
        + "correct what each line names and run again (schema/ there says what every key may hold):"
        + string.Concat(_problems.Select(problem => $"\n  - {problem}")));

    /// <summary>Who says it: the last provider that holds the path, something below it or, failing that, something around it.</summary>
    private static string Origin(IConfigurationRoot root, string path)
    {
        for (var at = path; at is not null; at = ConfigurationPath.GetParentPath(at))
            foreach (var provider in root.Providers.Reverse())
                if (provider.TryGet(at, out _) || provider.GetChildKeys([], at).Any())
                    return provider switch
                    {
                        LabFileProvider file => file.FileName,
                        SettingsProvider settings => settings.OriginOf(at),
                        _ => "configuration",
                    };
        // Nobody holds even the section: its file is there without it.
        return LabConfigLoader.Files.FirstOrDefault(file => file.Section == path).File ?? "configuration";
    }

    private const int MaxValue = 200;

    private static string Shorten(string value) => value.Length <= MaxValue ? value : value[..MaxValue] + "…";
}
