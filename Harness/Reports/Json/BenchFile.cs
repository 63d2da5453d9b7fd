using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using HvLab.Harness.Lab;

namespace HvLab.Harness.Reports.Json;

/// <summary>One measured figure.</summary>
/// <param name="Name">Stable dotted name, for instance "kvm.run.warm.ratio".</param>
/// <param name="Unit">"s", "1/s", "bytes" or "ratio".</param>
/// <param name="Target">A bound such as "&lt;= 1.0" or "&gt;= 30"; null for none.</param>
/// <param name="Spread">What the value is the middle of; null for a single measurement.</param>
public sealed record BenchFigure(string Name, double Value, string Unit, string? Target,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] BenchSpread? Spread = null)
{
    /// <summary>Whether the value keeps the target; null where there is none, or none that can be read.</summary>
    public bool? Meets()
    {
        if (Target?.Split(' ', 2, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) is not [var relation, var bound]
            || !double.TryParse(bound, NumberStyles.Float, CultureInfo.InvariantCulture, out var limit))
            return null;
        return relation switch
        {
            "<=" => Value <= limit,
            "<" => Value < limit,
            ">=" => Value >= limit,
            ">" => Value > limit,
            _ => null,
        };
    }
}

/// <summary>The smallest and the largest of several measurements, in the figure's unit.</summary>
public sealed record BenchSpread(double Low, double High, int Count);

/// <summary>bench.json.</summary>
public sealed record BenchResult(DateTimeOffset Taken, IReadOnlyList<BenchFigure> Figures, HostFacts? Host = null);

/// <summary>Writes and reads bench.json.</summary>
public static class BenchFile
{
    public const string Name = "bench.json";

    public static void Write(string path, BenchResult result) => AtomicFile.Write(path, ToJson(result));

    public static byte[] ToJson(BenchResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        if (result.Figures.FirstOrDefault(f => !double.IsFinite(f.Value)) is { } bad)
            throw new LabException(LabFault.Build,
                $"The figure '{bad.Name}' is {bad.Value.ToString(CultureInfo.InvariantCulture)}, which is no measurement: look at the run that gave it.");
        return JsonSerializer.SerializeToUtf8Bytes(result, ReportJson.Default.BenchResult);
    }

    /// <exception cref="LabException">The file is missing or malformed.</exception>
    public static BenchResult Read(string path)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(path), ReportJson.Default.BenchResult)
                ?? throw new JsonException("it holds nothing but null");
        }
        catch (Exception trouble) when (trouble is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new LabException(LabFault.Configuration,
                $"'{path}' could not be read as benchmark figures ({trouble.Message}). './hvlab bench' writes it anew.", inner: trouble);
        }
    }
}
