namespace HvLab.Harness.Scheduling.Bench;

/// <summary>What to measure, and where to keep it.</summary>
public sealed record BenchRequest
{
    /// <summary>Names the suite, box and release that are measured.</summary>
    public required RunRequest Run { get; init; }
    /// <summary>The same for Xen; null where its figures are not wanted.</summary>
    public RunRequest? Xen { get; init; }
    /// <summary>How often each of bare boot, warm run and own-kernel run is measured.</summary>
    public required int Rounds { get; init; }
    /// <summary>Absolute; gets bench.json and the measured runs' directories.</summary>
    public required string Directory { get; init; }
    /// <summary>--set of the command line, for the child processes.</summary>
    public required IReadOnlyList<string> Set { get; init; }
}
