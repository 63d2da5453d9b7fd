using Microsoft.Extensions.Configuration;

namespace HvLab.Harness.Lab.Configuration;

/// <summary>Single settings from the environment or the command line, each remembered as the user wrote it.</summary>
internal sealed class SettingsProvider : ConfigurationProvider
{
    public const string Prefix = "HVLAB__";

    private readonly Dictionary<string, string> _origins = new(StringComparer.OrdinalIgnoreCase);

    public static SettingsProvider FromEnvironment(IReadOnlyDictionary<string, string> environment)
    {
        var settings = new SettingsProvider();
        foreach (var (name, value) in environment.OrderBy(pair => pair.Key, StringComparer.Ordinal))
            if (name.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase) && name.Length > Prefix.Length)
                settings.Put(name[Prefix.Length..].Replace("__", ConfigurationPath.KeyDelimiter, StringComparison.Ordinal), value,
                    $"environment variable {name}");
        return settings;
    }

    public static SettingsProvider FromOptions(IReadOnlyList<string> options, ConfigProblems problems)
    {
        var settings = new SettingsProvider();
        foreach (var option in options)
        {
            var equals = option.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0)
                problems.Add($"--set {option}: must be PATH=VALUE, for instance --set bounds:boot=90s.");
            else
                settings.Put(option[..equals], option[(equals + 1)..], $"--set {option}");
        }
        return settings;
    }

    /// <summary>The variable or option that sets the path or, failing that, something below it.</summary>
    public string OriginOf(string path) =>
        _origins.TryGetValue(path, out var exact) ? exact
        : _origins.First(pair => pair.Key.StartsWith(path + ConfigurationPath.KeyDelimiter, StringComparison.OrdinalIgnoreCase)).Value;

    private void Put(string path, string value, string origin)
    {
        Data[path] = value;
        _origins[path] = origin;
    }
}
