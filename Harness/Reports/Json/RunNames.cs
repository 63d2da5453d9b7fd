using System.Globalization;
using System.Security.Cryptography;

namespace HvLab.Harness.Reports.Json;

/// <summary>Names of run directories and of the files in them.</summary>
public static class RunNames
{
    /// <summary>UTC yyyyMMdd-HHmmss-suite-xxxx: sorts by time, and four random hex digits keep two runs of one second apart.</summary>
    public static string NewId(IReadOnlyList<string> suites, TimeProvider clock)
    {
        ArgumentNullException.ThrowIfNull(suites);
        ArgumentNullException.ThrowIfNull(clock);
        var suite = suites.Count == 0 ? "none" : string.Join('+', suites.Select(s => Plain(s, 40)));
        if (suite.Length > 60)
            suite = suite[..60];
        var time = clock.GetUtcNow().UtcDateTime.ToString("yyyyMMdd-HHmmss", CultureInfo.InvariantCulture);
        return $"{time}-{suite}-{RandomNumberGenerator.GetHexString(4, lowercase: true)}";
    }

    /// <summary>A scenario id as file name without extension: '/' becomes '.', anything but letters, digits, '.', '_' and '-' becomes '_'.</summary>
    public static string FileName(string scenarioId)
    {
        ArgumentNullException.ThrowIfNull(scenarioId);
        return Plain(scenarioId.Replace('/', '.'), 120);
    }

    private static string Plain(string text, int max)
    {
        var plain = string.Concat(text.Take(max).Select(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-' ? c : '_')).TrimStart('.');
        return plain.Length == 0 ? "_" : plain;
    }
}
