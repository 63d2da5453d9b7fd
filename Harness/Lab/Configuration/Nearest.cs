namespace HvLab.Harness.Lab.Configuration;

/// <summary>Finds what a mistyped name probably meant.</summary>
public static class Nearest
{
    /// <summary>The known name with the fewest edits, or null where none is close (more than a third of the letters differ).</summary>
    public static string? To(string name, IEnumerable<string> known)
    {
        ArgumentNullException.ThrowIfNull(name);
        return known
            .Select(candidate => (candidate, Edits: Edits(name.ToLowerInvariant(), candidate.ToLowerInvariant())))
            .Where(pair => pair.Edits <= Math.Max(2, pair.candidate.Length / 3))
            .OrderBy(pair => pair.Edits)
            .Select(pair => pair.candidate)
            .FirstOrDefault();
    }

    /// <summary>" Did you mean 'x'?" or the whole choice where nothing is close.</summary>
    public static string Hint(string name, IReadOnlyCollection<string> known) =>
        To(name, known) is { } nearest ? $"did you mean '{nearest}'?"
        : known.Count == 0 ? "nothing is known here."
        : $"known: {string.Join(", ", known.Take(MaxListed))}{(known.Count > MaxListed ? ", …" : ".")}";

    private const int MaxListed = 20;

    private static int Edits(string a, string b)
    {
        var row = Enumerable.Range(0, b.Length + 1).ToArray();
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, 1 + Math.Min(row[j], row[j - 1]));
            }
        }
        return row[b.Length];
    }
}
