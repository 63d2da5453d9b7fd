namespace HvLab.Harness.Lab.Configuration;

/// <summary>Scenario-id patterns: '*' matches any run of characters (none too), everything else itself.</summary>
public static class NamePattern
{
    public static bool Matches(string pattern, string name)
    {
        ArgumentNullException.ThrowIfNull(pattern);
        ArgumentNullException.ThrowIfNull(name);
        var parts = pattern.Split('*');
        if (parts.Length == 1)
            return pattern == name;
        if (!name.StartsWith(parts[0], StringComparison.Ordinal))
            return false;
        var at = parts[0].Length;
        // The earliest place for each middle part leaves the most room for the rest, so no backtracking is needed.
        foreach (var part in parts[1..^1])
        {
            var found = name.IndexOf(part, at, StringComparison.Ordinal);
            if (found < 0)
                return false;
            at = found + part.Length;
        }
        return name.Length - at >= parts[^1].Length && name.EndsWith(parts[^1], StringComparison.Ordinal);
    }
}
