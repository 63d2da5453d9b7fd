using System.Globalization;
using HvLab.Harness.Reports.Json;

namespace HvLab.Harness.Cli.Terminal;

/// <summary>Figures, one a row: value, spread, target, and whether it is kept.</summary>
internal static class BenchTable
{
    public static void Print(BenchResult result, TextWriter output) =>
        TextTable.Print(output, result.Figures.Select(figure => new[]
        {
            figure.Meets() switch { true => "✓", false => "✗", null => " " },
            figure.Name,
            Number(figure.Value),
            figure.Unit,
            figure.Target is { } target ? $"target {target}" : "",
            figure.Spread is { } spread ? $"{Number(spread.Low)} to {Number(spread.High)} in {spread.Count}" : "",
            figure.Meets() == false ? "target missed" : "",
        }));

    internal static string Number(double value) => Math.Abs(value) switch
    {
        >= 1000 => value.ToString("N0", CultureInfo.InvariantCulture),
        >= 10 => value.ToString("0.0", CultureInfo.InvariantCulture),
        _ => value.ToString("0.000", CultureInfo.InvariantCulture),
    };
}
