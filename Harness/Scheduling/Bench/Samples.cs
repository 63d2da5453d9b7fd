using HvLab.Harness.Reports.Json;

namespace HvLab.Harness.Scheduling.Bench;

/// <summary>Several measurements of one thing; the middle one counts, because a shared machine only ever makes things slower by accident.</summary>
public sealed class Samples
{
    private readonly List<double> _values = [];

    public int Count => _values.Count;
    public double Last => _values[^1];
    public double Low => _values.Min();
    public double High => _values.Max();

    public void Add(double value) => _values.Add(value);

    /// <exception cref="InvalidOperationException">Nothing was measured.</exception>
    public double Median
    {
        get
        {
            if (_values.Count == 0)
                throw new InvalidOperationException("A median of nothing was asked for.");
            var sorted = _values.Order().ToArray();
            var middle = sorted.Length / 2;
            return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
        }
    }

    /// <summary>The median as a figure, with what it is the median of.</summary>
    public BenchFigure ToFigure(string name, string unit, string? target) => new(name, Median, unit, target, new(Low, High, Count));

    /// <summary>
    /// Median over median. The spread is that of the rounds' own ratios: both sides of one round met the same load.
    /// </summary>
    /// <exception cref="InvalidOperationException">The rounds do not match.</exception>
    public static BenchFigure Ratio(string name, string? target, Samples measured, Samples against)
    {
        ArgumentNullException.ThrowIfNull(measured);
        ArgumentNullException.ThrowIfNull(against);
        if (measured.Count != against.Count)
            throw new InvalidOperationException($"{name}: {measured.Count} measurements cannot be compared with {against.Count}.");
        var each = measured._values.Zip(against._values, (left, right) => left / right).ToArray();
        return new(name, measured.Median / against.Median, "ratio", target, new(each.Min(), each.Max(), each.Length));
    }
}
