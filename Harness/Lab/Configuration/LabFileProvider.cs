using System.Text.Json;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Json;

namespace HvLab.Harness.Lab.Configuration;

/// <summary>One file of lab-config. What is wrong with the file as such becomes a problem, so that the others are still read.</summary>
internal sealed class LabFileProvider(string path, string section, ConfigProblems problems)
    : JsonStreamConfigurationProvider(new JsonStreamConfigurationSource())
{
    /// <summary>Editors look for this key at the top of each file.</summary>
    public const string SchemaKey = "$schema";

    public string FileName => Path.GetFileName(path);

    public override void Load()
    {
        try
        {
            using var stream = File.OpenRead(path);
            Load(stream);
            RejectForeignSections();
        }
        catch (Exception missing) when (missing is IOException or UnauthorizedAccessException)
        {
            problems.Unreadable(section, $"{FileName}: cannot be read ({missing.Message}).");
        }
        catch (JsonException broken)
        {
            problems.Unreadable(section, $"{FileName}: line {broken.LineNumber + 1}, column {broken.BytePositionInLine + 1}: "
                + $"this is not valid JSON ({FirstSentence(broken.Message)}).");
        }
        catch (FormatException wrong)
        {
            // The provider's word for a key that is given twice, or for a file that is no object.
            problems.Unreadable(section, $"{FileName}: {wrong.Message}");
        }
    }

    private void RejectForeignSections()
    {
        foreach (var key in GetChildKeys([], null).Distinct(StringComparer.OrdinalIgnoreCase))
            if (key != SchemaKey && !key.Equals(section, StringComparison.OrdinalIgnoreCase))
                problems.Add($"{FileName}: '{key}' is not a known key; this file holds only '{section}'.");
    }

    // The rest repeats path, line and position in the parser's own counting.
    private static string FirstSentence(string message) => message.Split(". ")[0].TrimEnd('.');
}
