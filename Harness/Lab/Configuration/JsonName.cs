namespace HvLab.Harness.Lab.Configuration;

/// <summary>How names look in lab-config.</summary>
internal static class JsonName
{
    /// <summary>Property or enum name as JSON spells it: first letter lower.</summary>
    public static string Of(string name) => char.ToLowerInvariant(name[0]) + name[1..];

    /// <summary>Names of boxes, releases and suites: [a-z0-9][a-z0-9.-]*.</summary>
    public static bool IsIdentifier(string name) =>
        name.Length > 0 && char.IsAsciiLetterOrDigit(name[0])
        && name.All(letter => char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) || letter is '.' or '-');
}
