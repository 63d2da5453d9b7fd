using System.Globalization;

namespace HvLab.Harness.Lab.Configuration;

/// <summary>Durations as people write them: "250ms", "90s", "15m", "1.5h".</summary>
public static class DurationText
{
    internal const string Allowed = "a duration such as '250ms', '90s', '15m' or '1h', more than 0 and at most 24h";

    private static readonly (string Suffix, double Milliseconds)[] Units =
        [("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000)];

    /// <summary>False for anything but digits (with a fraction or without) and a unit, for 0, and for more than 24 hours.</summary>
    public static bool TryParse(string text, out TimeSpan duration)
    {
        ArgumentNullException.ThrowIfNull(text);
        duration = default;
        foreach (var (suffix, milliseconds) in Units)
        {
            if (!text.EndsWith(suffix, StringComparison.Ordinal)
                || text.Length == suffix.Length || !char.IsAsciiDigit(text[^(suffix.Length + 1)]))
                continue;
            if (!char.IsAsciiDigit(text[0])
                || !double.TryParse(text.AsSpan(..^suffix.Length), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture,
                    out var number))
                return false;
            var total = number * milliseconds;
            if (total is < 1 or > 86_400_000)
                return false;
            duration = TimeSpan.FromMilliseconds(total);
            return true;
        }
        return false;
    }
}
