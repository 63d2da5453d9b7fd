namespace HvLab.Harness.Scheduling.Bench;

/// <summary>Parts of the figures: each needs something of its own.</summary>
[Flags]
public enum BenchParts
{
    Kvm = 1,
    Fuzz = 2,
    Xen = 4,
    Explorer = 8,
    All = Kvm | Fuzz | Xen | Explorer,
}

/// <summary>What to measure, and where to keep it.</summary>
public sealed record BenchRequest
{
    public required BenchParts Parts { get; init; }
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
