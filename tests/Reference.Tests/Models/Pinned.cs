using HvLab.Reference.Models.Exploration;

namespace HvLab.Reference.Tests.Models;

/// <summary>For each design, within the default bounds: states, transitions, and the length of each shortest run that breaks a property.</summary>
internal static class Pinned
{
    private static readonly ILookup<string, string> Rows = Read().ToLookup(row => string.Join(' ', row.Split(' ')[..2]), row => string.Join(' ', row.Split(' ')[2..]));

    public static string Of(DesignModel model, Design design) => Rows[$"{model.Name} {design.Name}"].SingleOrDefault("not pinned");

    private static IEnumerable<string> Read()
    {
        using var stream = typeof(Pinned).Assembly.GetManifestResourceStream("pinned-explorations.txt")!;
        using var reader = new StreamReader(stream);
        return [.. reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries)];
    }
}
