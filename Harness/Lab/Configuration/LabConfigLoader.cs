using Microsoft.Extensions.Configuration;

namespace HvLab.Harness.Lab.Configuration;

/// <summary>Reads lab-config: JSON files, then HVLAB__ environment variables, then --set options; the later one wins.</summary>
public static class LabConfigLoader
{
    /// <summary>File name to the one section that it holds.</summary>
    internal static readonly IReadOnlyList<(string File, string Section)> Files =
    [
        ("defaults.json", "defaults"),
        ("boxes.json", "boxes"),
        ("releases.json", "releases"),
        ("suites.json", "suites"),
        ("known-deviations.json", "knownDeviations"),
        ("bounds.json", "bounds"),
    ];

    /// <param name="directory">The lab-config directory.</param>
    /// <param name="environment">Variables by name; only names that begin with HVLAB__ count (HVLAB__bounds__boot=90s).</param>
    /// <param name="overrides">Values of --set: "bounds:boot=90s".</param>
    /// <exception cref="LabException"><see cref="LabFault.Configuration"/>, with every problem of this load, one a line.</exception>
    public static LabConfig Load(
        string directory, IReadOnlyDictionary<string, string> environment, IReadOnlyList<string> overrides)
    {
        ArgumentNullException.ThrowIfNull(environment);
        ArgumentNullException.ThrowIfNull(overrides);
        directory = Path.GetFullPath(directory);
        var problems = new ConfigProblems();
        var providers = new List<IConfigurationProvider>();
        foreach (var (file, section) in Files)
            providers.Add(new LabFileProvider(Path.Combine(directory, file), section, problems));
        providers.Add(SettingsProvider.FromEnvironment(environment));
        providers.Add(SettingsProvider.FromOptions(overrides, problems));
        using var root = new ConfigurationRoot(providers);

        var lab = Read(directory, new ConfigNode(root, root, problems));
        if (problems.Count == 0)
            CrossReferences.Check(lab, root, problems);
        return problems.Count == 0 ? lab : throw problems.ToException(directory);
    }

    private static LabConfig Read(string directory, ConfigNode root)
    {
        var bounds = root.Object("bounds", LabConfigShape.Bounds);
        var lab = new LabConfig
        {
            Directory = directory,
            Defaults = root.Object("defaults", LabConfigShape.Defaults),
            Boxes = root.Named("boxes", box => LabConfigShape.Box(box, bounds)),
            Releases = root.Named("releases", LabConfigShape.Release),
            Suites = root.Named("suites", LabConfigShape.Suite),
            KnownDeviations = root.List("knownDeviations", LabConfigShape.KnownDeviation),
            Bounds = bounds,
        };
        root.RejectUnknown();
        return lab;
    }
}
