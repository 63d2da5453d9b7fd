using Microsoft.Extensions.Configuration;

namespace HvLab.Harness.Lab.Configuration;

/// <summary>Names that one file of lab-config uses and another defines.</summary>
internal static class CrossReferences
{
    public static void Check(LabConfig lab, IConfigurationRoot root, ConfigProblems problems)
    {
        Known(lab.Boxes, "defaults:box", lab.Defaults.Box, "box", "boxes.json");
        Known(lab.Releases, "defaults:release", lab.Defaults.Release, "release", "releases.json");
        for (var i = 0; i < lab.Defaults.Suites.Count; i++)
            Known(lab.Suites, $"defaults:suites:{i}", lab.Defaults.Suites[i], "suite", "suites.json");
        foreach (var suite in lab.Suites.Values.Where(suite => suite.Release.Length > 0))
            Known(lab.Releases, $"suites:{suite.Name}:release", suite.Release, "release", "releases.json");
        foreach (var suite in lab.Suites.Values.Where(suite => suite.Box.Length > 0))
            Known(lab.Boxes, $"suites:{suite.Name}:box", suite.Box, "box", "boxes.json");
        for (var i = 0; i < lab.KnownDeviations.Count; i++)
            for (var j = 0; j < lab.KnownDeviations[i].Releases.Count; j++)
                Known(lab.Releases, $"knownDeviations:{i}:releases:{j}", lab.KnownDeviations[i].Releases[j], "release", "releases.json");

        void Known<T>(IReadOnlyDictionary<string, T> named, string path, string name, string what, string file)
        {
            if (!named.ContainsKey(name))
                problems.Wrong(root, path, name, $"the name of a {what} in {file}; {Nearest.Hint(name, [.. named.Keys])}".TrimEnd('.'));
        }
    }
}
