using System.Globalization;

namespace HvLab.Harness.Reports.Text;

/// <summary>Times as people read them: three digits at most and a unit, in the invariant culture.</summary>
public static class Durations
{
    public static string Micros(long micros) => Millis(micros / 1000.0);

    public static string Millis(double millis) => millis switch
    {
        < 1 => string.Create(CultureInfo.InvariantCulture, $"{millis * 1000:0} µs"),
        < 10 => string.Create(CultureInfo.InvariantCulture, $"{millis:0.00} ms"),
        < 100 => string.Create(CultureInfo.InvariantCulture, $"{millis:0.0} ms"),
        < 1000 => string.Create(CultureInfo.InvariantCulture, $"{millis:0} ms"),
        < 60_000 => string.Create(CultureInfo.InvariantCulture, $"{millis / 1000:0.00} s"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(millis / 60_000):0} min {Math.Floor(millis % 60_000 / 1000):00} s"),
    };
}
